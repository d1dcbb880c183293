// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A flow as the kernel describes it (nf_flow_rule_match() and nf_flow_rule_route_common() in
 * net/netfilter/nf_flow_table_offload.c), made into an entry of the engine.
 *
 * Matched are the port it comes in by, addresses, protocol, ports and at most one VLAN tag. PPPoE on the
 * way in is not part of the description: the engine takes it off by itself, as MediaTek's does.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <net/pkt_cls.h>
#include "hwflow.h"

static int key_from_rule(struct flow_key *key, const struct flow_rule *rule)
{
	struct flow_match_control control;
	struct flow_match_basic basic;
	struct flow_match_ports l4_ports;
	struct flow_match_meta meta;

	if (!flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_CONTROL) ||
	    !flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_BASIC) ||
	    !flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_PORTS) ||
	    !flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_META) ||
	    flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_CVLAN))
		return -EOPNOTSUPP;

	flow_rule_match_control(rule, &control);
	flow_rule_match_basic(rule, &basic);
	flow_rule_match_ports(rule, &l4_ports);
	flow_rule_match_meta(rule, &meta);
	key->protocol = basic.key->ip_proto;
	key->src_port = l4_ports.key->src;
	key->dst_port = l4_ports.key->dst;
	key->ingress = meta.key->ingress_ifindex;

	switch (control.key->addr_type) {
	case FLOW_DISSECTOR_KEY_IPV4_ADDRS: {
		struct flow_match_ipv4_addrs addrs;

		flow_rule_match_ipv4_addrs(rule, &addrs);
		key->src.s6_addr32[0] = addrs.key->src;
		key->dst.s6_addr32[0] = addrs.key->dst;
		break;
	}
	case FLOW_DISSECTOR_KEY_IPV6_ADDRS: {
		struct flow_match_ipv6_addrs addrs;

		flow_rule_match_ipv6_addrs(rule, &addrs);
		key->ipv6 = 1;
		key->src = addrs.key->src;
		key->dst = addrs.key->dst;
		break;
	}
	default:
		return -EOPNOTSUPP;
	}

	if (flow_rule_match_key(rule, FLOW_DISSECTOR_KEY_VLAN)) {
		struct flow_match_vlan vlan;

		flow_rule_match_vlan(rule, &vlan);
		key->vlan = vlan.key->vlan_id;
	}
	return 0;
}

static int add_action(struct entry *entry, const struct flow_action_entry *action)
{
	switch (action->id) {
	case FLOW_ACTION_MANGLE:
		if (entry->n_rewrites == MAX_REWRITES)
			return -EOPNOTSUPP;
		entry->rewrites[entry->n_rewrites++] = (struct rewrite){
			.header = action->mangle.htype,
			.offset = action->mangle.offset,
			.mask = action->mangle.mask,
			.value = action->mangle.val,
		};
		return 0;
	case FLOW_ACTION_REDIRECT:
		entry->egress = action->dev;
		return 0;
	case FLOW_ACTION_CSUM:		/* the engine always corrects checksums */
	case FLOW_ACTION_VLAN_POP:	/* and always takes off what it matched */
		return 0;
	case FLOW_ACTION_VLAN_PUSH:
		if (entry->push_vlan)
			return -EOPNOTSUPP;
		entry->push_vlan = action->vlan.vid;
		return 0;
	case FLOW_ACTION_PPPOE_PUSH:
		entry->push_pppoe = action->pppoe.sid;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

struct entry *entry_from_rule(struct flow_cls_offload *flow, struct net_device *dev)
{
	struct flow_rule *rule = flow_cls_offload_flow_rule(flow);
	struct flow_action_entry *action;
	struct entry *entry;
	int i, err;

	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry)
		return ERR_PTR(-ENOMEM);
	entry->cookie = flow->cookie;
	entry->key.net = dev_net(dev);
	err = key_from_rule(&entry->key, rule);
	flow_action_for_each(i, action, &rule->action)
		err = err ?: add_action(entry, action);
	/* The engine reaches its own ports only. */
	if (!err && (!entry->egress || !is_hw_port(entry->egress) || port_refuses(entry->egress)))
		err = -EOPNOTSUPP;
	if (err) {
		kfree(entry);
		return ERR_PTR(err);
	}
	return entry;
}
