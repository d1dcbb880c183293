/*! What the kernel holds: asked, deleted, sets filled anew. */

use ferrowall::netlink::{Batch, Socket, Table, has_flowtable, has_table, sets, tables};
use ferrowall::ruleset::Ruleset;

use crate::pairs::objects;
use crate::support::{assert_same, here, in_namespace, load, sh};

#[test]
fn what_is_there_can_be_asked_and_deleted() {
    in_namespace("held::what_is_there_can_be_asked_and_deleted", || {
        let mut socket = Socket::open().expect("a socket");
        assert!(!has_table(&mut socket).expect("an answer"));
        assert!(sets(&mut socket).expect("an answer").is_empty());
        let ruleset = Ruleset {
            sets: objects::sets(),
            ..Ruleset::default()
        };
        load(&ruleset).expect("loaded");
        sh(
            "nft 'add set inet fw4 strange { type mark; }; add table ip a; add table ip6 b; add table netdev c'",
        );
        assert!(has_table(&mut socket).expect("an answer"));
        assert!(!has_flowtable(&mut socket).expect("an answer"));
        let there = sets(&mut socket).expect("an answer");
        for set in &ruleset.sets {
            let found = there
                .iter()
                .find(|s| s.name == set.name)
                .expect("every set");
            assert_eq!(found.key.as_ref(), Some(&set.key), "{}", set.name);
        }
        assert!(
            there
                .iter()
                .any(|set| set.name == "strange" && set.key.is_none())
        );

        let mut ours = tables(&mut socket).expect("an answer");
        ours.retain(Table::is_ours);
        assert_eq!(ours.len(), 1);
        Batch::delete_tables(&ours)
            .commit(&mut socket)
            .expect("deleted");
        assert!(!has_table(&mut socket).expect("an answer"));
        let gone = Batch::delete_tables(&ours)
            .commit(&mut socket)
            .expect_err("it is gone");
        assert!(gone.to_string().contains("table inet fw4"), "{gone}");
        let rest = tables(&mut socket).expect("an answer");
        assert_eq!(rest.len(), 3);
        Batch::delete_tables(&rest)
            .commit(&mut socket)
            .expect("deleted");
        assert_eq!(here().list, "");
        Batch::delete_tables(&[])
            .commit(&mut socket)
            .expect("nothing to do");
    });
}

#[test]
fn reloaded_sets_hold_exactly_their_elements() {
    in_namespace("held::reloaded_sets_hold_exactly_their_elements", || {
        let mut socket = Socket::open().expect("a socket");
        let ruleset = Ruleset {
            sets: objects::sets(),
            ..Ruleset::default()
        };
        load(&ruleset).expect("loaded");
        let loaded = here();
        sh(
            "nft 'add element inet fw4 nets { 9.9.9.9 }; add element inet fw4 macs { 02:00:00:00:00:09 }'",
        );
        let batch = Batch::refill(&ruleset.sets).expect("encoded");
        batch.commit(&mut socket).expect("refilled");
        assert_same(&here(), &loaded);
    });
}
