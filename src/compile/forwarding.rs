/*! `config forwarding`: packets of one zone may go to another. */

use super::family::{readable, single};
use super::flags::Flag;
use super::zone_match::family_match;
use super::{Base, Lowered, Lowering, Slot};
use crate::config::value::ZoneRef;
use crate::ruleset::{Statement, Verdict};

impl Lowering<'_> {
    pub(super) fn forwardings(&mut self) {
        for forwarding in &self.firewall.forwardings {
            let family = single(forwarding.family);
            let action = match forwarding.dest {
                ZoneRef::Any => Verdict::Accept,
                ZoneRef::Zone(dest) => Verdict::Jump(format!("accept_to_{}", self.zone_name(dest))),
            };
            let name = match forwarding.name.as_deref().filter(|name| !name.is_empty()) {
                Some(name) => name.to_owned(),
                None => {
                    let src = self.end_name(forwarding.src);
                    let dest = self.end_name(forwarding.dest);
                    match family {
                        None => format!("Accept {src} to {dest} forwarding"),
                        _ => format!("Accept {src} to {dest} {} forwarding", readable(family)),
                    }
                }
            };
            let lowered = Lowered::new(
                family_match(family).collect(),
                false,
                Some(Statement::Verdict(action)),
                &name,
                forwarding.origin,
            );
            match forwarding.src {
                ZoneRef::Any => self.push_base(Base::Forward, lowered),
                ZoneRef::Zone(src) => self.push(src, Slot::Forward, lowered),
            }
            if let ZoneRef::Zone(dest) = forwarding.dest {
                self.dflag(dest, Flag::Accept);
            }
        }
    }

    fn end_name(&self, zone: ZoneRef) -> &str {
        match zone {
            ZoneRef::Any => "any",
            ZoneRef::Zone(id) => self.zone_name(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::compiled;

    #[test]
    fn a_forwarding_is_named_after_its_ends() {
        let forwarding = |options: &str| compiled(&format!("config forwarding\n{options}"));
        let rules = forwarding("\toption src lan\n\toption dest wan\n");
        let named = rules.named("forward_lan", "Accept lan to wan forwarding");
        assert_eq!(named, ["jump accept_to_wan"]);
        let rules = forwarding("\toption src '*'\n\toption dest wan\n\toption family ipv6\n");
        let named = rules.named("forward", "Accept any to wan IPv6 forwarding");
        assert_eq!(named, ["meta nfproto ipv6 jump accept_to_wan"]);
        let rules = forwarding("\toption src lan\n\toption dest '*'\n");
        let named = rules.named("forward_lan", "Accept lan to any forwarding");
        assert_eq!(named, ["accept"]);
    }
}
