// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * debugfs. ppe0/entries and ppe0/bind have the shape of MediaTek's PPE (one line for each entry),
 * ppe0/stats is ours, ppe0/limit sets how many entries the engine holds.
 */
#include <linux/debugfs.h>
#include <linux/etherdevice.h>
#include <linux/if_ether.h>
#include <linux/if_pppox.h>
#include <linux/ip.h>
#include <linux/seq_file.h>
#include "hwflow.h"

#define STATE_BOUND (2u << 28)	/* the state bits of ib1 */

static struct dentry *folder;

static void show_addresses(struct seq_file *file, const struct flow_key *key)
{
	if (key->ipv6)
		seq_printf(file, "%pI6:%d->%pI6:%d", &key->src, ntohs(key->src_port), &key->dst, ntohs(key->dst_port));
	else
		seq_printf(file, "%pI4:%d->%pI4:%d", &key->src, ntohs(key->src_port), &key->dst, ntohs(key->dst_port));
}

/* What becomes of addresses and ports: the rewrites done to the key instead of to a packet. */
static struct flow_key rewritten(const struct entry *entry, struct ethhdr *ethernet)
{
	struct flow_key key = entry->key;
	__be32 old, new;
	int i;

	for (i = 0; i < entry->n_rewrites; i++) {
		struct rewrite rewrite = entry->rewrites[i];
		__be16 l4_ports[2] = { key.src_port, key.dst_port };

		switch (rewrite.header) {
		case FLOW_ACT_MANGLE_HDR_TYPE_ETH:
			if (rewrite.offset <= sizeof(*ethernet) - 4)
				apply_rewrite(&rewrite, ethernet, &old, &new);
			break;
		case FLOW_ACT_MANGLE_HDR_TYPE_IP4: {
			bool src = rewrite.offset == offsetof(struct iphdr, saddr);

			rewrite.offset = 0;
			apply_rewrite(&rewrite, src ? &key.src : &key.dst, &old, &new);
			break;
		}
		case FLOW_ACT_MANGLE_HDR_TYPE_TCP:
		case FLOW_ACT_MANGLE_HDR_TYPE_UDP:
			if (rewrite.offset == 0)
				apply_rewrite(&rewrite, l4_ports, &old, &new);
			key.src_port = l4_ports[0];
			key.dst_port = l4_ports[1];
			break;
		default:
			break;
		}
	}
	return key;
}

static void show_entry(struct entry *entry, void *data)
{
	struct seq_file *file = data;
	struct ethhdr ethernet = {};
	struct flow_key new = rewritten(entry, &ethernet);

	seq_printf(file, "%05x BND %7s orig=", entry->slot, entry->key.ipv6 ? "IPv6 5T" : "IPv4 5T");
	show_addresses(file, &entry->key);
	if (!entry->key.ipv6) {
		seq_puts(file, " new=");
		show_addresses(file, &new);
	}
	seq_printf(file, " eth=%pM->%pM etype=%04x vlan=%d,%d ib1=%08x ib2=%08x packets=%llu bytes=%llu\n",
		   ethernet.h_source, ethernet.h_dest, entry->push_pppoe ? ETH_P_PPP_SES : entry->push_vlan ? ETH_P_8021Q : 0,
		   entry->push_vlan, entry->push_pppoe, STATE_BOUND, 0, entry->packets, entry->bytes);
}

static int entries_show(struct seq_file *file, void *unused)
{
	spin_lock_bh(&table_lock);
	table_for_each(show_entry, file);
	spin_unlock_bh(&table_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(entries);

static int stats_show(struct seq_file *file, void *unused)
{
	spin_lock_bh(&table_lock);
	seq_printf(file, "entries %u\nadded %u\nremoved %u\nrefused %u\npolled %u\nbound %u\nunbound %u\nforwarded %u\n",
		   counters.entries, counters.added, counters.removed, counters.refused, counters.polled, counters.bound,
		   counters.unbound, counters.forwarded);
	spin_unlock_bh(&table_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

void show_start(void)
{
	folder = debugfs_create_dir("ppe0", NULL);
	debugfs_create_file("entries", 0444, folder, NULL, &entries_fops);
	/* Every entry here is bound; a chip's entries also holds those it has not decided on. */
	debugfs_create_file("bind", 0444, folder, NULL, &entries_fops);
	debugfs_create_file("stats", 0444, folder, NULL, &stats_fops);
	debugfs_create_u32("limit", 0644, folder, &table_limit);
}

void show_end(void)
{
	debugfs_remove_recursive(folder);
}
