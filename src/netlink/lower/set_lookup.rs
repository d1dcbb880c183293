/*! `ip saddr . tcp dport @NAME`: several fields side by side, looked up in a named set. */

use super::Lowering;
use super::{address, interface, port};
use crate::netlink::error::Reason;
use crate::netlink::expr::Lookup;
use crate::netlink::kernel_abi::{NFT_REG_1, NFT_REG32_00};
use crate::netlink::name;
use crate::ruleset::{Family, KeyType, SetField};

/// Sixteen registers of four bytes.
const WORDS: u32 = 16;
const WORDS_PER_LARGE: u32 = 4;

/// The register that begins at a word: a large one where it can be, as nft numbers them.
fn register(word: u32) -> u32 {
    if word.is_multiple_of(WORDS_PER_LARGE) {
        NFT_REG_1 + word / WORDS_PER_LARGE
    } else {
        NFT_REG32_00 + word
    }
}

fn key_type(field: &SetField) -> KeyType {
    match field {
        SetField::Addr(Family::V4, _) => KeyType::Ipv4Addr,
        SetField::Addr(Family::V6, _) => KeyType::Ipv6Addr,
        SetField::EtherSaddr => KeyType::EtherAddr,
        SetField::Port(..) => KeyType::InetService,
    }
}

impl Lowering<'_> {
    pub fn set_lookup(
        &mut self,
        fields: &[SetField],
        set: &str,
        invert: bool,
    ) -> Result<(), Reason> {
        let place = self.around.sets.get(set).copied();
        let named = place.and_then(|place| Some((place, self.around.named_sets.get(place)?)));
        let Some((place, named)) = named else {
            return Err(Reason::MissingSet(set.to_owned()));
        };
        if !named.key.iter().copied().eq(fields.iter().map(key_type)) {
            return Err(Reason::SetType(set.to_owned()));
        }
        // All tests come first, then all loads.
        let mut loads = Vec::with_capacity(fields.len());
        for field in fields {
            loads.push(match field {
                SetField::Addr(family, dir) => {
                    self.need_network(*family)?;
                    address::field(*family, *dir)
                }
                SetField::EtherSaddr => {
                    self.need_ether();
                    interface::ETHER_SADDR
                }
                SetField::Port(proto, dir) => {
                    let (number, field) = port::field(proto, *dir)?;
                    self.need_transport(number)?;
                    field
                }
            });
        }
        let mut word = 0;
        for field in loads {
            self.load_into(field.source, field.length, register(word));
            word += field.length.div_ceil(4);
        }
        if word == 0 || word > WORDS {
            return Err(Reason::SetType(set.to_owned()));
        }
        let set = name::object(set)?;
        self.code.look_up(&Lookup {
            register: NFT_REG_1,
            set: &set,
            set_id: place as u32 + 1,
            verdict: false,
            invert,
        });
        Ok(())
    }
}
