/*! `dnat`, `snat`, `masquerade`, `redirect`: nft(8), NAT STATEMENTS. */

use std::net::IpAddr;

use super::Lowering;
use super::dependency::nfproto;
use crate::netlink::error::Reason;
use crate::netlink::expr::{Immediate, Masquerade, Nat, Redirect, Value};
use crate::netlink::kernel_abi::{
    NF_NAT_RANGE_PROTO_SPECIFIED, NFPROTO_INET, NFT_NAT_DNAT, NFT_NAT_SNAT, NFT_REG_1,
};
use crate::ruleset::{Family, NatAddr, NatRange, PortRange, family_of};

/// Hands out registers and loads them.
struct Registers(u32);

impl Registers {
    fn load(&mut self, lowering: &mut Lowering<'_>, value: Value) -> u32 {
        let register = self.0;
        self.0 += 1;
        lowering.push(Immediate { register, value });
        register
    }

    /// Lowest and highest port.
    fn ports(&mut self, lowering: &mut Lowering<'_>, ports: PortRange) -> (u32, Option<u32>) {
        let low = self.load(lowering, Value::port(ports.min));
        let more = ports.max != ports.min;
        (
            low,
            more.then(|| self.load(lowering, Value::port(ports.max))),
        )
    }
}

impl Lowering<'_> {
    pub fn masquerade(&mut self) {
        self.statement_expression(Masquerade);
    }

    pub fn dnat(&mut self, family: Option<Family>, to: &NatRange) -> Result<(), Reason> {
        self.nat(NFT_NAT_DNAT, family, to)
    }

    pub fn snat(&mut self, family: Option<Family>, to: &NatRange) -> Result<(), Reason> {
        self.nat(NFT_NAT_SNAT, family, to)
    }

    fn nat(&mut self, kind: u32, family: Option<Family>, to: &NatRange) -> Result<(), Reason> {
        self.ports_allowed(to.ports)?;
        self.end_of_run();
        let mut registers = Registers(NFT_REG_1);
        let mut nat = Nat {
            kind,
            family: u32::from(NFPROTO_INET),
            addr_min: None,
            addr_max: None,
            port_min: None,
            port_max: None,
            flags: 0,
        };
        if let Some(addr) = &to.addr {
            let (first, last) = match addr {
                NatAddr::Host(addr) => (*addr, None),
                NatAddr::Range(first, last) => (*first, Some(*last)),
            };
            nat.family = u32::from(nfproto(self.nat_family(family, first, last)?));
            nat.addr_min = Some(registers.load(self, Value::addr(first)));
            nat.addr_max = last.map(|last| registers.load(self, Value::addr(last)));
        }
        if let Some(ports) = to.ports {
            let (low, high) = registers.ports(self, ports);
            (nat.port_min, nat.port_max) = (Some(low), high);
            nat.flags = NF_NAT_RANGE_PROTO_SPECIFIED;
        }
        self.push(nat);
        Ok(())
    }

    /// The family of the address, which matches and statement must not contradict.
    fn nat_family(
        &self,
        said: Option<Family>,
        first: IpAddr,
        last: Option<IpAddr>,
    ) -> Result<Family, Reason> {
        let family = family_of(first);
        if last.is_some_and(|last| family_of(last) != family || last < first) {
            return Err(Reason::BadRange);
        }
        let known = self.known.network.or(said).unwrap_or(family);
        if known == family {
            Ok(family)
        } else {
            Err(Reason::WrongFamily)
        }
    }

    fn ports_allowed(&self, ports: Option<PortRange>) -> Result<(), Reason> {
        match ports {
            Some(ports) if ports.max < ports.min => Err(Reason::Number("port range")),
            Some(_) if !self.known.has_ports() => Err(Reason::PortsWithoutProtocol),
            _ => Ok(()),
        }
    }

    pub fn redirect(&mut self, ports: Option<PortRange>) -> Result<(), Reason> {
        self.ports_allowed(ports)?;
        self.end_of_run();
        let mut redirect = Redirect {
            port_min: None,
            port_max: None,
            flags: 0,
        };
        if let Some(ports) = ports {
            let (low, high) = Registers(NFT_REG_1).ports(self, ports);
            redirect = Redirect {
                port_min: Some(low),
                port_max: high,
                flags: NF_NAT_RANGE_PROTO_SPECIFIED,
            };
        }
        self.push(redirect);
        Ok(())
    }
}
