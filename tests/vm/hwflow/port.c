// SPDX-License-Identifier: GPL-2.0-or-later
/* The devices: hwN, a port of the router with an engine behind it, and wireN, the far end of its cable. */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/module.h>
#include <linux/version.h>
#include "hwflow.h"

static int n_ports = 4;
module_param_named(ports, n_ports, int, 0444);
MODULE_PARM_DESC(ports, "number of ports, each hwN with its wireN");

static uint refuse;
module_param(refuse, uint, 0644);
MODULE_PARM_DESC(refuse, "bit N set: hwN takes no flowtable, as a driver without flow offload");

bool strict;
module_param(strict, bool, 0644);
MODULE_PARM_DESC(strict, "a port that is bound refuses a second flowtable, as with flow_block_cb_setup_simple()");

bool tolerant;
module_param(tolerant, bool, 0644);
MODULE_PARM_DESC(tolerant, "a port that refuses says yes and does nothing: to the flowtable it is what OpenWrt's kernels make of a refusal");

struct net_device *ports[2 * MAX_PORTS];

bool port_refuses(const struct net_device *dev)
{
	const struct port *port = netdev_priv(dev);

	return READ_ONCE(refuse) & BIT(port->index);
}

static netdev_tx_t port_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct port *port = netdev_priv(dev);
	unsigned int length = skb->len;

	dev->stats.tx_packets++;
	dev->stats.tx_bytes += length;
	/* From the cable into the router: the engine sees it first. */
	if (!port->hw && netif_running(port->peer) && !(tolerant && port_refuses(port->peer)) &&
	    engine_forwards(skb, port->peer))
		return NETDEV_TX_OK;
	if (dev_forward_skb(port->peer, skb) == NET_RX_SUCCESS) {
		port->peer->stats.rx_packets++;
		port->peer->stats.rx_bytes += length;
	} else {
		dev->stats.tx_dropped++;
	}
	return NETDEV_TX_OK;
}

static const struct net_device_ops port_ops = {
	.ndo_start_xmit = port_xmit,
	.ndo_setup_tc = port_setup_tc,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

bool is_hw_port(const struct net_device *dev)
{
	return dev->netdev_ops == &port_ops && ((const struct port *)netdev_priv(dev))->hw;
}

static void port_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	const struct port *port = netdev_priv(dev);

	strscpy(info->driver, "hwflow", sizeof(info->driver));
	snprintf(info->bus_info, sizeof(info->bus_info), "ppe0-%d", port->index);
}

static const struct ethtool_ops port_ethtool_ops = {
	.get_drvinfo = port_drvinfo,
	.get_link = ethtool_op_get_link,
};

static void port_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->netdev_ops = &port_ops;
	dev->ethtool_ops = &port_ethtool_ops;
	dev->features |= NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | NETIF_F_RXCSUM | NETIF_F_GSO_SOFTWARE |
			 NETIF_F_HIGHDMA;
	dev->hw_features |= dev->features;
	dev->max_mtu = ETH_MAX_MTU;
	eth_hw_addr_random(dev);
}

static struct net_device *port_create(int index, bool hw)
{
	char name[IFNAMSIZ];
	struct net_device *dev;
	struct port *port;
	int err;

	snprintf(name, sizeof(name), hw ? "hw%d" : "wire%d", index);
	dev = alloc_netdev(sizeof(struct port), name, NET_NAME_ENUM, port_setup);
	if (!dev)
		return ERR_PTR(-ENOMEM);
	port = netdev_priv(dev);
	port->hw = hw;
	port->index = index;
	/* Nothing is sent before both ends are up, and they get up only after start() is done. */
	port->peer = dev;
	if (hw) {
		dev->features |= NETIF_F_HW_TC;
		dev->hw_features |= NETIF_F_HW_TC;
	}
	err = register_netdev(dev);
	if (err) {
		free_netdev(dev);
		return ERR_PTR(err);
	}
	return dev;
}

static void ports_destroy(void)
{
	int i;

	/* All are unregistered before one is freed: a packet may be on its way between two. */
	for (i = 0; i < 2 * MAX_PORTS; i++)
		if (ports[i])
			unregister_netdev(ports[i]);
	table_clear();
	for (i = 0; i < 2 * MAX_PORTS; i++)
		if (ports[i])
			free_netdev(ports[i]);
}

static int __init hwflow_start(void)
{
	int i;

	if (n_ports < 1 || n_ports > MAX_PORTS)
		return -EINVAL;
	for (i = 0; i < 2 * n_ports; i++) {
		struct net_device *dev = port_create(i / 2, !(i & 1));

		if (IS_ERR(dev)) {
			ports_destroy();
			return PTR_ERR(dev);
		}
		ports[i] = dev;
		if (i & 1) {
			((struct port *)netdev_priv(ports[i]))->peer = ports[i - 1];
			((struct port *)netdev_priv(ports[i - 1]))->peer = ports[i];
		}
	}
	show_start();
	return 0;
}

static void __exit hwflow_end(void)
{
	show_end();
	ports_destroy();
}

module_init(hwflow_start);
module_exit(hwflow_end);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ports with a packet engine, for tests of hardware flow offload");
