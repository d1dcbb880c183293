/*! `tcp flags`, `tcp option maxseg`: nft(8), TCP HEADER EXPRESSION and EXTENSION HEADER EXPRESSIONS. */

use super::Lowering;
use super::field::Source;
use crate::netlink::error::Reason;
use crate::netlink::expr::{Bitwise, CmpOp, HostToNetwork, Rt, TcpOptionWrite, Value};
use crate::netlink::kernel_abi::{
    IPPROTO_TCP, NFT_PAYLOAD_TRANSPORT_HEADER, NFT_REG_1, NFT_RT_TCPMSS, TCPOPT_MAXSEG,
};

/// Bits of the TCP header's fourteenth byte, RFC 9293.
const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;
const FLAGS_OFFSET: u32 = 13;

impl Lowering<'_> {
    pub fn tcp_syn(&mut self) -> Result<(), Reason> {
        self.tcp_flags(FIN | SYN | RST | ACK, SYN)
    }

    pub fn tcp_syn_of_handshake(&mut self) -> Result<(), Reason> {
        self.tcp_flags(SYN | FIN | RST, SYN)
    }

    fn tcp_flags(&mut self, mask: u8, flags: u8) -> Result<(), Reason> {
        self.need_transport(IPPROTO_TCP)?;
        self.load_into(
            Source::Payload(NFT_PAYLOAD_TRANSPORT_HEADER, FLAGS_OFFSET),
            1,
            NFT_REG_1,
        );
        self.push(Bitwise {
            register: NFT_REG_1,
            mask: Value::from(mask),
            xor: Value::from(0),
        });
        self.test(CmpOp::Eq, Value::from(flags));
        Ok(())
    }

    /// `tcp option maxseg size set rt mtu`
    pub fn clamp_mss(&mut self) {
        self.statement_expression(Rt {
            key: NFT_RT_TCPMSS,
            register: NFT_REG_1,
        });
        self.push(HostToNetwork {
            register: NFT_REG_1,
            size: 2,
        });
        // Kind and length of the option come first, then the size.
        self.push(TcpOptionWrite {
            register: NFT_REG_1,
            option: TCPOPT_MAXSEG,
            offset: 2,
            length: 2,
        });
    }
}
