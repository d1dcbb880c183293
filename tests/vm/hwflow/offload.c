// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel asks of a port: to bind to a flowtable, to let go of it, to take over a flow, to
 * drop it, to tell how much it carried.
 */
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <net/pkt_cls.h>
#include "hwflow.h"

static LIST_HEAD(block_callbacks);
/* Flows are added and removed by the kernel's workqueue, several at a time. */
static DEFINE_MUTEX(flow_mutex);

static int flow_add(struct flow_cls_offload *flow, struct net_device *dev)
{
	struct entry *entry = entry_from_rule(flow, dev);
	int err = PTR_ERR_OR_ZERO(entry);

	spin_lock_bh(&table_lock);
	if (!err)
		err = table_add(entry);
	if (err && err != -EEXIST)
		counters.refused++;
	spin_unlock_bh(&table_lock);
	if (err && !IS_ERR(entry))
		kfree(entry);
	return err;
}

static int flow_remove(struct flow_cls_offload *flow)
{
	struct entry *entry;
	int err = 0;

	spin_lock_bh(&table_lock);
	entry = table_find(flow->cookie);
	if (entry)
		table_remove(entry);
	else
		err = -ENOENT;
	spin_unlock_bh(&table_lock);
	return err;
}

static int flow_count(struct flow_cls_offload *flow)
{
	struct entry *entry;
	int err = 0;

	spin_lock_bh(&table_lock);
	entry = table_find(flow->cookie);
	if (entry) {
		flow_stats_update(&flow->stats, entry->bytes - entry->reported_bytes,
				  entry->packets - entry->reported_packets, 0, entry->last_used,
				  FLOW_ACTION_HW_STATS_DELAYED);
		entry->reported_bytes = entry->bytes;
		entry->reported_packets = entry->packets;
		counters.polled++;
	} else {
		err = -ENOENT;
	}
	spin_unlock_bh(&table_lock);
	return err;
}

static int flow_command(enum tc_setup_type type, void *data, void *port)
{
	struct flow_cls_offload *flow = data;
	struct net_device *dev = port;
	int err;

	/* ethtool -K hwN hw-tc-offload off: bound, but takes no flow. */
	if (!tc_can_offload(dev) || type != TC_SETUP_CLSFLOWER)
		return -EOPNOTSUPP;
	mutex_lock(&flow_mutex);
	switch (flow->command) {
	case FLOW_CLS_REPLACE:
		err = flow_add(flow, dev);
		break;
	case FLOW_CLS_DESTROY:
		err = flow_remove(flow);
		break;
	case FLOW_CLS_STATS:
		err = flow_count(flow);
		break;
	default:
		err = -EOPNOTSUPP;
	}
	mutex_unlock(&flow_mutex);
	return err;
}

static int block_bind(struct flow_block_offload *block, struct net_device *dev)
{
	struct flow_block_cb *callback = flow_block_cb_lookup(block->block, flow_command, dev);

	if (callback) {
		flow_block_cb_incref(callback);
		return 0;
	}
	/* No release callback, as in MediaTek's driver: entries stay when the flowtable goes. */
	callback = flow_block_cb_alloc(flow_command, dev, dev, NULL);
	if (IS_ERR(callback))
		return PTR_ERR(callback);
	flow_block_cb_incref(callback);
	flow_block_cb_add(callback, block);
	list_add_tail(&callback->driver_list, &block_callbacks);
	counters.bound++;
	return 0;
}

static int block_unbind(struct flow_block_offload *block, struct net_device *dev)
{
	struct flow_block_cb *callback = flow_block_cb_lookup(block->block, flow_command, dev);

	if (!callback)
		return -ENOENT;
	if (!flow_block_cb_decref(callback)) {
		flow_block_cb_remove(callback, block);
		list_del(&callback->driver_list);
		counters.unbound++;
	}
	return 0;
}

int port_setup_tc(struct net_device *dev, enum tc_setup_type type, void *data)
{
	struct flow_block_offload *block = data;

	if (!is_hw_port(dev) || type != TC_SETUP_FT)
		return -EOPNOTSUPP;
	if (port_refuses(dev) && (tolerant || block->command == FLOW_BLOCK_BIND))
		return tolerant ? 0 : -EOPNOTSUPP;
	if (strict)
		return flow_block_cb_setup_simple(block, &block_callbacks, flow_command, dev, dev, true);
	if (block->binder_type != FLOW_BLOCK_BINDER_TYPE_CLSACT_INGRESS)
		return -EOPNOTSUPP;
	block->driver_block_list = &block_callbacks;
	switch (block->command) {
	case FLOW_BLOCK_BIND:
		return block_bind(block, dev);
	case FLOW_BLOCK_UNBIND:
		return block_unbind(block, dev);
	default:
		return -EOPNOTSUPP;
	}
}
