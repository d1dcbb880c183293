/*!
The second table, for flows in software where the first one's flowtable is in hardware: see [`Ruleset::software`].

It is kept where it is as it should be, and otherwise deleted and made anew: its flows end as if they had timed out, and go where
they belong now with their next packet.
*/

use super::batch::{Builder, Kind};
use super::error::Reason;
use super::flowtable::ExistingFlowtable;
use super::kernel_abi::NFPROTO_INET;
use super::lower::{Surroundings, Workplace};
use super::name::{FLOWTABLE_NAME, SOFTWARE_TABLE_NAME};
use super::rule::{Encoded, Place};
use super::{chain, flowtable, name, table};
use crate::ruleset::{Origin, Ruleset};

/// Is the second table as this ruleset wants it? It is not if the devices in hardware change: then flows change places.
pub fn stays(
    ruleset: &Ruleset,
    hardware: Option<&ExistingFlowtable>,
    software: Option<&ExistingFlowtable>,
) -> bool {
    match (&ruleset.software, software) {
        (None, None) => true,
        (Some(wanted), Some(existing)) => {
            let mut first = hardware.zip(ruleset.flowtable.as_ref()).into_iter();
            existing.is(wanted) && first.any(|(existing, wanted)| existing.is(wanted))
        }
        _ => false,
    }
}

/// Deletes the second table, whether it is there or not.
pub fn remove(builder: &mut Builder) {
    table::add(builder, SOFTWARE_TABLE_NAME);
    table::delete(builder, NFPROTO_INET, SOFTWARE_TABLE_NAME);
}

/// Makes it anew if there is to be one. `around`: what rules of the first table may refer to.
pub fn renew(
    builder: &mut Builder,
    ruleset: &Ruleset,
    around: &Surroundings<'_>,
) -> Result<(), Reason> {
    remove(builder);
    let Some(wanted) = &ruleset.software else {
        return Ok(());
    };
    table::add(builder, SOFTWARE_TABLE_NAME);
    let trace = builder.trace(Kind::Flowtable, "", Origin::RENDER);
    flowtable::add(builder, SOFTWARE_TABLE_NAME, FLOWTABLE_NAME, wanted, trace)?;
    let only = Ruleset::software_chain();
    chain::add(builder, SOFTWARE_TABLE_NAME, &only, trace)?;
    let name = name::object(&only.name)?;
    for rule in only.rules() {
        let names = (SOFTWARE_TABLE_NAME, &*name);
        // It has no anonymous set.
        let mut workplace = Workplace::default();
        let encoded = Encoded::new(rule, around, 0, &mut workplace)?;
        encoded.write(builder, names, Place::End, trace);
    }
    Ok(())
}
