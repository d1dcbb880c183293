/*! `reject`: nft(8), REJECT STATEMENT. */

use super::Lowering;
use super::dependency::Transport;
use crate::netlink::error::Reason;
use crate::netlink::expr::Reject;
use crate::netlink::kernel_abi::{
    ICMP_PORT_UNREACH, ICMPV6_PORT_UNREACH, IPPROTO_TCP, NFT_REJECT_ICMP_UNREACH,
    NFT_REJECT_ICMPX_ADMIN_PROHIBITED, NFT_REJECT_ICMPX_HOST_UNREACH, NFT_REJECT_ICMPX_NO_ROUTE,
    NFT_REJECT_ICMPX_PORT_UNREACH, NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_TCP_RST,
};
use crate::ruleset::{Family, RejectCode};

impl Lowering<'_> {
    /// `reject` alone: port unreachable, in the family's own words where the family is certain.
    pub fn reject(&mut self) {
        let (kind, code) = match self.known.network {
            None => (NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_ICMPX_PORT_UNREACH),
            Some(Family::V4) => (NFT_REJECT_ICMP_UNREACH, ICMP_PORT_UNREACH),
            Some(Family::V6) => (NFT_REJECT_ICMP_UNREACH, ICMPV6_PORT_UNREACH),
        };
        self.statement_expression(Reject { kind, code });
    }

    pub fn reject_with(&mut self, code: RejectCode) -> Result<(), Reason> {
        let icmpx = |code| Reject {
            kind: NFT_REJECT_ICMPX_UNREACH,
            code,
        };
        let reject = match code {
            RejectCode::TcpReset => {
                self.only_tcp()?;
                Reject {
                    kind: NFT_REJECT_TCP_RST,
                    code: 0,
                }
            }
            RejectCode::PortUnreachable => icmpx(NFT_REJECT_ICMPX_PORT_UNREACH),
            RejectCode::AdminProhibited => icmpx(NFT_REJECT_ICMPX_ADMIN_PROHIBITED),
            RejectCode::HostUnreachable => icmpx(NFT_REJECT_ICMPX_HOST_UNREACH),
            RejectCode::NoRoute => icmpx(NFT_REJECT_ICMPX_NO_ROUTE),
        };
        self.statement_expression(reject);
        Ok(())
    }

    /// nft puts this test at the very beginning of the rule, lest packets are counted or logged that are
    /// not rejected after all.
    fn only_tcp(&mut self) -> Result<(), Reason> {
        if self.known.transport != Transport::Unknown {
            return self.need_transport(IPPROTO_TCP);
        }
        self.end_of_run();
        let tail = self.code.end();
        self.need_transport(IPPROTO_TCP)?;
        self.code.move_to_front(tail);
        Ok(())
    }
}
