// SPDX-License-Identifier: GPL-2.0-or-later
/* The engine's entries, found by the kernel's cookie and by the packets they match. */
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include "hwflow.h"

struct table_counters counters;
DEFINE_SPINLOCK(table_lock);
u32 table_limit = 1024;

static DEFINE_HASHTABLE(cookies, 12);
static DEFINE_HASHTABLE(keys, 12);
static u32 next_slot;

static u32 key_hash(const struct flow_key *key)
{
	return jhash(key, sizeof(*key), 0);
}

struct entry *table_find(unsigned long cookie)
{
	struct entry *entry;

	hash_for_each_possible(cookies, entry, by_cookie, cookie)
		if (entry->cookie == cookie)
			return entry;
	return NULL;
}

struct entry *table_match(const struct flow_key *key)
{
	struct entry *entry;

	hash_for_each_possible(keys, entry, by_key, key_hash(key))
		if (!memcmp(&entry->key, key, sizeof(*key)))
			return entry;
	return NULL;
}

int table_add(struct entry *entry)
{
	if (table_find(entry->cookie))
		return -EEXIST;
	if (counters.entries >= table_limit)
		return -ENOSPC;
	entry->slot = next_slot++;
	entry->last_used = get_jiffies_64();
	hash_add(cookies, &entry->by_cookie, entry->cookie);
	hash_add(keys, &entry->by_key, key_hash(&entry->key));
	counters.entries++;
	counters.added++;
	return 0;
}

void table_remove(struct entry *entry)
{
	hash_del(&entry->by_cookie);
	hash_del(&entry->by_key);
	counters.entries--;
	counters.removed++;
	kfree(entry);
}

void table_for_each(void (*visit)(struct entry *entry, void *data), void *data)
{
	struct entry *entry;
	int bucket;

	hash_for_each(cookies, bucket, entry, by_cookie)
		visit(entry, data);
}

void table_clear(void)
{
	struct hlist_node *next;
	struct entry *entry;
	int bucket;

	spin_lock_bh(&table_lock);
	hash_for_each_safe(cookies, bucket, next, entry, by_cookie)
		table_remove(entry);
	spin_unlock_bh(&table_lock);
}
