/*!
From one configuration to another, over netlink here and as text through nft beside it, with things in the table
that others put there.

By default each of 40 cases is followed by two others; with FERROWALL_ALL_PAIRS set, by every other one.
*/

use std::path::{Path, PathBuf};

use ferrowall::nft;
use ferrowall::ruleset::{KeyType, Ruleset};

use crate::cases::suite;
use crate::conformance::{list_of_cases, load_what_goes, loadable_of};
use crate::support::{assert_same, here, in_namespace, load, sh, try_nft_in_turn};

const CASES: usize = 40;

/// Cases from all over the collection, what both paths can load of them.
fn rulesets(folder: &Path) -> Vec<(PathBuf, Ruleset)> {
    let all = list_of_cases(folder, "");
    let step = (all.len() / CASES).max(1);
    all.into_iter()
        .step_by(step)
        .take(CASES)
        .map(|case| {
            let mut ruleset = loadable_of(folder, &case);
            sh("nft flush ruleset");
            load_what_goes(&mut ruleset);
            (case, ruleset)
        })
        .collect()
}

/// What others do to the table: a chain, a set, a rule in our chain, elements in our sets, a table beside.
fn foreign(ruleset: &Ruleset) -> String {
    let mut text = "add set inet fw4 theirs { type ipv4_addr; }
        add element inet fw4 theirs { 192.0.2.1 }
        add chain inet fw4 their_chain
        add rule inet fw4 their_chain accept
        insert rule inet fw4 input tcp dport 4711 accept
        add table ip somebody
        "
    .to_owned();
    for set in &ruleset.sets {
        let element = match set.key.as_slice() {
            [KeyType::Ipv4Addr] => "203.0.113.77",
            [KeyType::Ipv6Addr] => "2001:db8:77::77",
            [KeyType::EtherAddr] => "02:00:00:00:00:77",
            [KeyType::Ipv4Addr, KeyType::InetService] => "203.0.113.77 . 77",
            _ => continue,
        };
        text += &format!("add element inet fw4 {} {{ {element} }}\n", set.name);
    }
    text
}

fn compare(first: &Ruleset, second: &Ruleset) -> Result<(), String> {
    sh("nft flush ruleset");
    let foreign = foreign(first);
    load(first).map_err(|error| error.to_string())?;
    sh(&format!("nft -f - <<'END'\n{foreign}\nEND"));
    let ours = load(second).map_err(|error| error.to_string());
    let (nfts, accepted) =
        try_nft_in_turn(&[&nft::print(first), foreign.as_bytes(), &nft::print(second)]);
    if accepted != ours.is_ok() {
        return Err(format!("we say {ours:?}, nft's success is {accepted}"));
    }
    assert_same(&here(), &nfts);
    Ok(())
}

#[test]
fn one_configuration_follows_another_as_with_nft() {
    let Some(folder) = suite() else {
        eprintln!("skipped: no conformance cases beside the repository");
        return;
    };
    in_namespace(
        "reload::one_configuration_follows_another_as_with_nft",
        || {
            let rulesets = rulesets(&folder);
            let count = rulesets.len();
            let all = std::env::var_os("FERROWALL_ALL_PAIRS").is_some();
            let distances: Vec<usize> = if all {
                (1..count).collect()
            } else {
                vec![1, 17]
            };
            let mut wrong = Vec::new();
            for (number, (from, first)) in rulesets.iter().enumerate() {
                for distance in &distances {
                    let (to, second) = &rulesets[(number + distance) % count];
                    let compared = std::panic::catch_unwind(|| compare(first, second));
                    let why = match compared {
                        Ok(Ok(())) => continue,
                        Ok(Err(why)) => why,
                        Err(panic) => panic.downcast_ref::<String>().cloned().unwrap_or_default(),
                    };
                    wrong.push(format!("{} -> {}: {why}", from.display(), to.display()));
                }
            }
            assert!(
                wrong.is_empty(),
                "{} pairs differ:\n{}",
                wrong.len(),
                wrong.join("\n")
            );
        },
    );
}
