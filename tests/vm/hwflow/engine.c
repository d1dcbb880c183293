// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The way of a packet through the engine: take it apart, find its entry, rewrite it, send it out.
 *
 * Whatever the engine does not understand it leaves to the router's network stack.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/ppp_defs.h>
#include <linux/if_pppox.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include "hwflow.h"

#define PPPOE_LENGTH (sizeof(struct pppoe_hdr) + 2)
#define MAX_ENCAPSULATION (VLAN_HLEN + PPPOE_LENGTH)

/* Where the headers of a packet begin, from skb->data. */
struct layout {
	int l3, l4;
	__be16 ethertype;	/* of the IP packet: ETH_P_IP or ETH_P_IPV6 */
};

static void *at(struct sk_buff *skb, int offset)
{
	return skb->data + offset;
}

/* Walks over the Ethernet header, at most one VLAN tag and a PPPoE session header. */
static bool parse_link(struct sk_buff *skb, struct layout *layout, struct flow_key *key)
{
	layout->l3 = ETH_HLEN;
	if (skb_vlan_tag_present(skb) || !pskb_may_pull(skb, ETH_HLEN))
		return false;
	layout->ethertype = eth_hdr(skb)->h_proto;
	if (layout->ethertype == htons(ETH_P_8021Q)) {
		struct vlan_hdr *tag;

		if (!pskb_may_pull(skb, layout->l3 + VLAN_HLEN))
			return false;
		tag = at(skb, layout->l3);
		key->vlan = ntohs(tag->h_vlan_TCI) & VLAN_VID_MASK;
		layout->ethertype = tag->h_vlan_encapsulated_proto;
		layout->l3 += VLAN_HLEN;
	}
	if (layout->ethertype == htons(ETH_P_PPP_SES)) {
		__be16 *protocol;

		if (!pskb_may_pull(skb, layout->l3 + PPPOE_LENGTH))
			return false;
		protocol = at(skb, layout->l3 + sizeof(struct pppoe_hdr));
		layout->l3 += PPPOE_LENGTH;
		if (*protocol == htons(PPP_IP))
			layout->ethertype = htons(ETH_P_IP);
		else if (*protocol == htons(PPP_IPV6))
			layout->ethertype = htons(ETH_P_IPV6);
		else
			return false;
	}
	return true;
}

static bool parse_ip(struct sk_buff *skb, struct layout *layout, struct flow_key *key)
{
	if (layout->ethertype == htons(ETH_P_IP)) {
		struct iphdr *ip;

		if (!pskb_may_pull(skb, layout->l3 + sizeof(*ip)))
			return false;
		ip = at(skb, layout->l3);
		if (ip->ihl != 5 || ip_is_fragment(ip) || ip->ttl < 2)
			return false;
		key->protocol = ip->protocol;
		key->src.s6_addr32[0] = ip->saddr;
		key->dst.s6_addr32[0] = ip->daddr;
		layout->l4 = layout->l3 + sizeof(*ip);
		return true;
	}
	if (layout->ethertype == htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip;

		if (!pskb_may_pull(skb, layout->l3 + sizeof(*ip)))
			return false;
		ip = at(skb, layout->l3);
		if (ip->hop_limit < 2)
			return false;
		key->ipv6 = 1;
		key->protocol = ip->nexthdr;
		key->src = ip->saddr;
		key->dst = ip->daddr;
		layout->l4 = layout->l3 + sizeof(*ip);
		return true;
	}
	return false;
}

/* Ports; a TCP segment that opens or ends a connection is the router's own business. */
static bool parse_transport(struct sk_buff *skb, const struct layout *layout, struct flow_key *key)
{
	if (key->protocol == IPPROTO_TCP) {
		struct tcphdr *tcp;

		if (!pskb_may_pull(skb, layout->l4 + sizeof(*tcp)))
			return false;
		tcp = at(skb, layout->l4);
		key->src_port = tcp->source;
		key->dst_port = tcp->dest;
		return !tcp->syn && !tcp->fin && !tcp->rst;
	}
	if (key->protocol == IPPROTO_UDP) {
		struct udphdr *udp;

		if (!pskb_may_pull(skb, layout->l4 + sizeof(*udp)))
			return false;
		udp = at(skb, layout->l4);
		key->src_port = udp->source;
		key->dst_port = udp->dest;
		return true;
	}
	return false;
}

void apply_rewrite(const struct rewrite *rewrite, void *header, __be32 *old, __be32 *new)
{
	memcpy(old, header + rewrite->offset, 4);
	*new = (__force __be32)(((__force u32)*old & rewrite->mask) | (rewrite->value & ~rewrite->mask));
	memcpy(header + rewrite->offset, new, 4);
}

/* Rewrites the IP packet that begins at skb->data, checksums included. */
static void rewrite_packet(struct sk_buff *skb, const struct entry *entry, int l3_length, struct ethhdr *ethernet)
{
	u8 *l3 = skb->data, *l4 = skb->data + l3_length;
	struct iphdr *ip4 = entry->key.ipv6 ? NULL : (struct iphdr *)l3;
	__sum16 *checksum = NULL;
	__be32 old, new;
	int i;

	if (entry->key.protocol == IPPROTO_TCP)
		checksum = &((struct tcphdr *)l4)->check;
	else if (((struct udphdr *)l4)->check || skb->ip_summed == CHECKSUM_PARTIAL)
		checksum = &((struct udphdr *)l4)->check;

	for (i = 0; i < entry->n_rewrites; i++) {
		const struct rewrite *rewrite = &entry->rewrites[i];

		switch (rewrite->header) {
		case FLOW_ACT_MANGLE_HDR_TYPE_ETH:
			apply_rewrite(rewrite, ethernet, &old, &new);
			break;
		case FLOW_ACT_MANGLE_HDR_TYPE_IP4:
			apply_rewrite(rewrite, l3, &old, &new);
			csum_replace4(&ip4->check, old, new);
			if (checksum)
				inet_proto_csum_replace4(checksum, skb, old, new, true);
			break;
		case FLOW_ACT_MANGLE_HDR_TYPE_IP6:
			apply_rewrite(rewrite, l3, &old, &new);
			if (checksum)
				inet_proto_csum_replace4(checksum, skb, old, new, true);
			break;
		default:
			apply_rewrite(rewrite, l4, &old, &new);
			if (checksum)
				inet_proto_csum_replace4(checksum, skb, old, new, false);
		}
	}
	if (ip4)
		ip_decrease_ttl(ip4);
	else
		((struct ipv6hdr *)l3)->hop_limit--;
}

/* Puts the headers before the IP packet that the way out asks for, the innermost first. */
static void push_link(struct sk_buff *skb, const struct entry *entry, struct ethhdr *ethernet)
{
	ethernet->h_proto = htons(entry->key.ipv6 ? ETH_P_IPV6 : ETH_P_IP);
	if (entry->push_pppoe) {
		__be16 protocol = htons(entry->key.ipv6 ? PPP_IPV6 : PPP_IP);
		struct pppoe_hdr session = {
			.ver = 1, .type = 1, .sid = htons(entry->push_pppoe), .length = htons(skb->len + 2),
		};

		memcpy(skb_push(skb, 2), &protocol, 2);
		memcpy(skb_push(skb, sizeof(session)), &session, sizeof(session));
		ethernet->h_proto = htons(ETH_P_PPP_SES);
	}
	if (entry->push_vlan) {
		struct vlan_hdr tag = {
			.h_vlan_TCI = htons(entry->push_vlan), .h_vlan_encapsulated_proto = ethernet->h_proto,
		};

		memcpy(skb_push(skb, VLAN_HLEN), &tag, VLAN_HLEN);
		ethernet->h_proto = htons(ETH_P_8021Q);
	}
	memcpy(skb_push(skb, ETH_HLEN), ethernet, ETH_HLEN);
	skb_reset_mac_header(skb);
}

/* Forwards a packet that came in by port, if there is an entry for it. The skb is consumed then. */
bool engine_forwards(struct sk_buff *skb, struct net_device *port)
{
	struct flow_key key = { .net = dev_net(port), .ingress = port->ifindex };
	struct net_device *out = NULL;
	struct layout layout;
	struct entry *entry;

	skb_reset_mac_header(skb);
	if (!READ_ONCE(counters.entries) || !ether_addr_equal(skb->data, port->dev_addr))
		return false;
	if (!parse_link(skb, &layout, &key) || !parse_ip(skb, &layout, &key) || !parse_transport(skb, &layout, &key))
		return false;

	spin_lock_bh(&table_lock);
	entry = table_match(&key);
	/* A packet to be segmented later cannot have a length written into a PPPoE header now. */
	if (entry && !(entry->push_pppoe && skb_is_gso(skb)) && !skb_cow_head(skb, MAX_ENCAPSULATION)) {
		struct ethhdr ethernet = *(struct ethhdr *)skb->data;

		entry->packets += max_t(u32, 1, skb_shinfo(skb)->gso_segs);
		entry->bytes += skb->len - layout.l3;
		entry->last_used = get_jiffies_64();
		counters.forwarded++;
		skb_pull(skb, layout.l3);
		skb_reset_network_header(skb);
		rewrite_packet(skb, entry, layout.l4 - layout.l3, &ethernet);
		push_link(skb, entry, &ethernet);
		out = ((struct port *)netdev_priv(entry->egress))->peer;
	}
	spin_unlock_bh(&table_lock);
	if (!out)
		return false;
	dev_forward_skb(out, skb);
	return true;
}
