/*!
Numbers of the kernel's netlink interface, as fixed by its user-space headers.

Values that libnftnl or libc already name are taken from there; these are the rest, grouped by the header
they come from. They are part of the kernel's ABI and never change.
*/

/// `linux/netfilter/nfnetlink.h`: subsystem of nf_tables, the high byte of the message type.
pub const NFNL_SUBSYS_NFTABLES: u16 = 10;
/// The attribute of a batch's first message that names the expected generation.
pub const NFNL_BATCH_GENID: u16 = 1;

/// `linux/netfilter/nf_tables.h`, `enum nf_tables_msg_types`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum MessageType {
    NewTable = 0,
    GetTable = 1,
    DelTable = 2,
    NewChain = 3,
    GetChain = 4,
    DelChain = 5,
    NewRule = 6,
    GetRule = 7,
    DelRule = 8,
    NewSet = 9,
    GetSet = 10,
    DelSet = 11,
    NewSetElem = 12,
    GetSetElem = 13,
    DelSetElem = 14,
    GetGen = 16,
    NewObj = 18,
    GetObj = 19,
    DelObj = 20,
    NewFlowtable = 22,
    GetFlowtable = 23,
    DelFlowtable = 24,
}

/// `linux/netfilter.h`: protocol families.
pub const NFPROTO_UNSPEC: u8 = 0;
pub const NFPROTO_INET: u8 = 1;
pub const NFPROTO_IPV4: u8 = 2;
pub const NFPROTO_IPV6: u8 = 10;

/// `enum nft_table_attributes`, `nft_set_attributes`, `nft_flowtable_attributes`: what the dumps read, as the rest of this group.
pub const NFTA_TABLE_NAME: u16 = 1;
pub const NFTA_TABLE_FLAGS: u16 = 2;
pub const NFTA_SET_TABLE: u16 = 1;
pub const NFTA_SET_NAME: u16 = 2;
pub const NFTA_SET_KEY_TYPE: u16 = 4;
pub const NFTA_SET_FLAGS: u16 = 3;
pub const NFTA_SET_KEY_LEN: u16 = 5;
pub const NFTA_SET_DESC: u16 = 9;
pub const NFTA_SET_TIMEOUT: u16 = 11;
pub const NFTA_SET_DESC_SIZE: u16 = 1;
pub const NFTA_FLOWTABLE_TABLE: u16 = 1;
pub const NFTA_FLOWTABLE_NAME: u16 = 2;
pub const NFTA_FLOWTABLE_HOOK: u16 = 3;
pub const NFTA_FLOWTABLE_FLAGS: u16 = 7;
/// `enum nft_flowtable_hook_attributes`, `enum nft_devices_attributes`
pub const NFTA_FLOWTABLE_HOOK_NUM: u16 = 1;
pub const NFTA_FLOWTABLE_HOOK_PRIORITY: u16 = 2;
pub const NFTA_FLOWTABLE_HOOK_DEVS: u16 = 3;
pub const NFTA_DEVICE_NAME: u16 = 1;
/// `enum nft_chain_attributes`, `enum nft_hook_attributes`
pub const NFTA_CHAIN_TABLE: u16 = 1;
pub const NFTA_CHAIN_NAME: u16 = 3;
pub const NFTA_CHAIN_HOOK: u16 = 4;
pub const NFTA_CHAIN_POLICY: u16 = 5;
pub const NFTA_CHAIN_TYPE: u16 = 7;
pub const NFTA_HOOK_HOOKNUM: u16 = 1;
pub const NFTA_HOOK_PRIORITY: u16 = 2;
/// `enum nft_rule_attributes`, `enum nft_expr_attributes`
pub const NFTA_RULE_TABLE: u16 = 1;
pub const NFTA_RULE_CHAIN: u16 = 2;
pub const NFTA_RULE_HANDLE: u16 = 3;
pub const NFTA_RULE_EXPRESSIONS: u16 = 4;
pub const NFTA_RULE_POSITION: u16 = 6;
pub const NFTA_RULE_USERDATA: u16 = 7;
pub const NFTA_EXPR_NAME: u16 = 1;
pub const NFTA_EXPR_DATA: u16 = 2;
/// `enum nft_object_attributes`, `nft_limit_attributes`, `nft_ct_helper_attributes`
pub const NFTA_OBJ_TABLE: u16 = 1;
pub const NFTA_OBJ_NAME: u16 = 2;
pub const NFTA_OBJ_TYPE: u16 = 3;
pub const NFTA_OBJ_DATA: u16 = 4;
pub const NFTA_OBJ_USERDATA: u16 = 8;
pub const NFTA_LIMIT_RATE: u16 = 1;
pub const NFTA_LIMIT_UNIT: u16 = 2;
pub const NFTA_LIMIT_BURST: u16 = 3;
pub const NFTA_CT_HELPER_NAME: u16 = 1;
pub const NFTA_CT_HELPER_L4PROTO: u16 = 3;
pub const NFTA_GEN_ID: u16 = 1;
/// `enum nft_set_elem_list_attributes` and `nft_set_elem_attributes`.
pub const NFTA_SET_ELEM_LIST_TABLE: u16 = 1;
pub const NFTA_SET_ELEM_LIST_SET: u16 = 2;
pub const NFTA_SET_ELEM_LIST_ELEMENTS: u16 = 3;
pub const NFTA_SET_ELEM_LIST_SET_ID: u16 = 4;
pub const NFTA_LIST_ELEM: u16 = 1;
pub const NFTA_SET_ELEM_KEY: u16 = 1;
pub const NFTA_SET_ELEM_KEY_END: u16 = 10;
pub const NFTA_SET_ELEM_FLAGS: u16 = 3;
pub const NFTA_DATA_VALUE: u16 = 1;
/// `linux/netlink.h`: this attribute holds attributes.
pub const NLA_F_NESTED: u16 = 1 << 15;

/// `enum nft_set_flags`.
pub const NFT_SET_ANONYMOUS: u32 = 0x1;
pub const NFT_SET_CONSTANT: u32 = 0x2;
pub const NFT_SET_INTERVAL: u32 = 0x4;
pub const NFT_SET_MAP: u32 = 0x8;
pub const NFT_SET_TIMEOUT: u32 = 0x10;
pub const NFT_SET_CONCAT: u32 = 0x80;
/// `enum nft_set_elem_flags`
pub const NFT_SET_ELEM_INTERVAL_END: u32 = 0x1;
/// `enum nft_data_types`
pub const NFT_DATA_VERDICT: u32 = 0xffff_ff00;

/// `enum nft_registers`: the verdict, and the first of four registers of 16 bytes.
pub const NFT_REG_VERDICT: u32 = 0;
pub const NFT_REG_1: u32 = 1;
/// The first of sixteen registers of 4 bytes that overlay the large ones.
pub const NFT_REG32_00: u32 = 8;

/// `enum nft_payload_bases`
pub const NFT_PAYLOAD_LL_HEADER: u32 = 0;
pub const NFT_PAYLOAD_NETWORK_HEADER: u32 = 1;
pub const NFT_PAYLOAD_TRANSPORT_HEADER: u32 = 2;
/// `enum nft_payload_csum_types`
pub const NFT_PAYLOAD_CSUM_INET: u32 = 1;

/// `enum nft_meta_keys`
pub const NFT_META_MARK: u32 = 3;
pub const NFT_META_IIF: u32 = 4;
pub const NFT_META_OIF: u32 = 5;
pub const NFT_META_IIFNAME: u32 = 6;
pub const NFT_META_OIFNAME: u32 = 7;
pub const NFT_META_IIFTYPE: u32 = 8;
pub const NFT_META_NFPROTO: u32 = 15;
pub const NFT_META_L4PROTO: u32 = 16;
pub const NFT_META_TIME_NS: u32 = 30;
pub const NFT_META_TIME_DAY: u32 = 31;
pub const NFT_META_TIME_HOUR: u32 = 32;

/// `enum nft_ct_keys`
pub const NFT_CT_STATE: u32 = 0;
pub const NFT_CT_DIRECTION: u32 = 1;
pub const NFT_CT_STATUS: u32 = 2;
pub const NFT_CT_MARK: u32 = 3;
pub const NFT_CT_HELPER: u32 = 6;
pub const NFT_CT_PKTS: u32 = 14;
/// `linux/netfilter/nf_conntrack_common.h`: `NF_CT_STATE_BIT`, `NF_CT_STATE_INVALID_BIT`.
pub const CT_STATE_INVALID: u32 = 1;
pub const CT_STATE_ESTABLISHED: u32 = 2;
pub const CT_STATE_RELATED: u32 = 4;
/// `IPS_DST_NAT`
pub const CT_STATUS_DNAT: u32 = 1 << 5;

/// `enum nft_rt_keys`
pub const NFT_RT_TCPMSS: u32 = 3;
/// `enum nft_exthdr_op`
pub const NFT_EXTHDR_OP_TCPOPT: u32 = 1;
/// TCP option kind "maximum segment size", RFC 9293.
pub const TCPOPT_MAXSEG: u8 = 2;

/// `enum nft_object_types`: `NFT_OBJECT_CT_HELPER`, `NFT_OBJECT_LIMIT`.
pub const NFT_OBJECT_CT_HELPER: u32 = 3;
pub const NFT_OBJECT_LIMIT: u32 = 4;

/// `enum nft_limit_type`
pub const NFT_LIMIT_PKTS: u32 = 0;
/// `enum nft_lookup_flags`
pub const NFT_LOOKUP_F_INV: u32 = 1;
/// `enum nft_range_ops`
pub const NFT_RANGE_NEQ: u32 = 1;
/// `enum nft_byteorder_ops`
pub const NFT_BYTEORDER_HTON: u32 = 1;

/// `enum nft_nat_types`
pub const NFT_NAT_SNAT: u32 = 0;
pub const NFT_NAT_DNAT: u32 = 1;
/// `linux/netfilter/nf_nat.h`
pub const NF_NAT_RANGE_PROTO_SPECIFIED: u32 = 1 << 1;

/// `enum nft_reject_types`
pub const NFT_REJECT_ICMP_UNREACH: u32 = 0;
pub const NFT_REJECT_TCP_RST: u32 = 1;
pub const NFT_REJECT_ICMPX_UNREACH: u32 = 2;
/// `enum nft_reject_inet_code`
pub const NFT_REJECT_ICMPX_NO_ROUTE: u8 = 0;
pub const NFT_REJECT_ICMPX_PORT_UNREACH: u8 = 1;
pub const NFT_REJECT_ICMPX_HOST_UNREACH: u8 = 2;
pub const NFT_REJECT_ICMPX_ADMIN_PROHIBITED: u8 = 3;
/// `linux/icmp.h`, `linux/icmpv6.h`
pub const ICMP_PORT_UNREACH: u8 = 3;
pub const ICMPV6_PORT_UNREACH: u8 = 4;

/// `enum nft_verdicts` and `linux/netfilter.h`; negative numbers travel as unsigned ones.
pub const NF_DROP: u32 = 0;
pub const NF_ACCEPT: u32 = 1;
pub const NFT_JUMP: u32 = -3i32 as u32;
pub const NFT_RETURN: u32 = -5i32 as u32;

/// `enum nft_flowtable_flags`: `NFT_FLOWTABLE_HW_OFFLOAD`, `NFT_FLOWTABLE_COUNTER`.
pub const NFT_FLOWTABLE_HW_OFFLOAD: u32 = 1;
pub const NFT_FLOWTABLE_COUNTER: u32 = 2;
/// `NF_NETDEV_INGRESS`
pub const NF_NETDEV_INGRESS: u32 = 0;

/// `linux/if_arp.h`
pub const ARPHRD_ETHER: u16 = 1;
/// `linux/if_ether.h`
pub const ETH_P_IP: u16 = 0x0800;
pub const ETH_P_IPV6: u16 = 0x86dd;
/// The loopback device has this index in every network namespace: `linux/net/flow.h`.
pub const LOOPBACK_IFINDEX: u32 = 1;
/// `linux/if.h`, with the final zero.
pub const IFNAMSIZ: usize = 16;
/// `NF_CT_HELPER_NAME_LEN`
pub const CT_HELPER_NAME_LEN: usize = 16;
/// `linux/netfilter/nf_log.h`, with the final zero.
pub const NF_LOG_PREFIXLEN: usize = 128;
/// `NFT_NAME_MAXLEN`, with the final zero.
pub const NFT_NAME_MAXLEN: usize = 256;
/// `IPPROTO_*` that dependencies need.
pub const IPPROTO_ICMP: u8 = 1;
pub const IPPROTO_TCP: u8 = 6;
pub const IPPROTO_UDP: u8 = 17;
pub const IPPROTO_ICMPV6: u8 = 58;
