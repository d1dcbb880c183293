/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hwflow: network ports with a packet engine, for tests of hardware flow offload.
 *
 * The module makes ports hw0, hw1, ... that belong to the router under test, and the far ends of their
 * cables, wire0, wire1, ... A port takes TC_SETUP_FT, so a flowtable with "flags offload" binds to it. The
 * flows that the kernel hands over go into the engine's table; a packet that comes in from a cable
 * and matches an entry is rewritten and leaves by another cable, unseen by the router's network stack.
 *
 *	port.c		the devices, module parameters, start and end
 *	offload.c	what the kernel asks: bind, unbind, add, remove, count
 *	rule.c		a flow as the kernel describes it, made into an entry
 *	table.c		the engine's entries
 *	engine.c	the way of a packet
 *	show.c		debugfs: ppe0/{entries,bind,stats,limit}
 *
 * What a real chip does wrong is here too, to be tested against: the table is small (ppe0/limit), a
 * port can refuse flowtables (parameter refuse; with tolerant without saying so), the driver can refuse a second binding (strict), and
 * entries outlive the flowtable they came from, since no release callback is registered.
 */
#ifndef HWFLOW_H
#define HWFLOW_H

#include <linux/in6.h>
#include <linux/netdevice.h>
#include <linux/types.h>
#include <net/flow_offload.h>

#define MAX_PORTS 32
#define MAX_REWRITES 16

struct port {
	struct net_device *peer;	/* the other end of the cable */
	bool hw;			/* the router's end */
	int index;
};

/* What a packet must look like, in full: no wildcards, as in a chip's hash table. */
struct flow_key {
	struct net *net;
	u32 ingress;			/* ifindex of the router's port */
	u16 vlan;			/* 0: untagged */
	u8 ipv6;
	u8 protocol;			/* IPPROTO_TCP or IPPROTO_UDP */
	__be16 src_port, dst_port;
	struct in6_addr src, dst;	/* IPv4: the first word */
	u32 padding;			/* keys are compared and hashed as bytes */
};

/* FLOW_ACTION_MANGLE: 32 bits at an offset of a header; a set bit in mask keeps what is there. */
struct rewrite {
	enum flow_action_mangle_base header;
	u32 offset, mask, value;
};

struct entry {
	struct hlist_node by_cookie, by_key;
	unsigned long cookie;		/* the kernel's name for the flow */
	u32 slot;
	struct flow_key key;
	struct rewrite rewrites[MAX_REWRITES];
	int n_rewrites;
	struct net_device *egress;
	u16 push_vlan, push_pppoe;	/* 0: none */
	u64 packets, bytes, last_used;
	u64 reported_packets, reported_bytes;
};

/* port.c */
extern struct net_device *ports[2 * MAX_PORTS];
bool is_hw_port(const struct net_device *dev);
extern bool tolerant;
bool port_refuses(const struct net_device *dev);
extern bool strict;

/* table.c: everything below is called with table_lock held. */
struct table_counters {
	u32 entries, added, removed, refused, polled, bound, unbound, forwarded;
};
extern struct table_counters counters;
extern spinlock_t table_lock;
extern u32 table_limit;
int table_add(struct entry *entry);
void table_remove(struct entry *entry);
struct entry *table_find(unsigned long cookie);
struct entry *table_match(const struct flow_key *key);
void table_clear(void);
void table_for_each(void (*visit)(struct entry *entry, void *data), void *data);

/* rule.c */
struct entry *entry_from_rule(struct flow_cls_offload *flow, struct net_device *dev);

/* offload.c */
int port_setup_tc(struct net_device *dev, enum tc_setup_type type, void *data);

/* engine.c */
bool engine_forwards(struct sk_buff *skb, struct net_device *port);
void apply_rewrite(const struct rewrite *rewrite, void *header, __be32 *old, __be32 *new);

/* show.c */
void show_start(void);
void show_end(void);

#endif
