/*! Killed at any moment, the kernel has the old ruleset or the new one, whole, and the next run succeeds. */

#[path = "support/namespace.rs"]
mod namespace;
#[path = "support/router_root.rs"]
mod router_root;

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use namespace::{in_namespace, sh};
use router_root::{RouterRoot, ZONES};

const KILLS: u32 = 200;
const LIST: &str = "nft -j list ruleset | sed 's/\"handle\": [0-9]*//g'";

fn rules(name: &str) -> String {
    let rule = |n: u32| {
        format!(
            "\nconfig rule\n\toption name '{name}-{n}'\n\toption src 'wan'\n\toption proto 'tcp'\n\
             \toption dest_port '{} {}'\n\toption target 'ACCEPT'\n",
            n + 1,
            n + 2000
        )
    };
    format!("{ZONES}{}", (0..100).map(rule).collect::<String>())
}

/// Moments spread over a run: a linear congruential generator, the same at each run of the test.
struct Moments(u64);

impl Moments {
    fn next(&mut self, within: Duration) -> Duration {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        within.mul_f64((self.0 >> 33) as f64 / f64::from(1u32 << 31))
    }
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_or_the_new_ruleset_whole() {
    in_namespace(
        "a_kill_at_any_moment_leaves_the_old_or_the_new_ruleset_whole",
        || {
            let root = RouterRoot::new("killed", &rules("old"));
            root.ok(&["start"]);
            let old = sh(LIST);
            root.write("etc/config/firewall", &rules("new"));
            let begun = Instant::now();
            root.ok(&["restart"]);
            let whole_run = begun.elapsed();
            let new = sh(LIST);
            assert!(old != new);

            let mut moments = Moments(1);
            let (mut were_old, mut were_new, mut cut_short) = (0, 0, 0);
            for n in 0..KILLS {
                let verb = ["start", "reload", "restart"][n as usize % 3];
                root.write("etc/config/firewall", &rules("old"));
                root.ok(&["restart"]);
                assert!(sh(LIST) == old, "the run after a kill");
                if verb == "start" {
                    std::fs::remove_file(root.path().join("var/run/fw4.state")).expect("removed");
                }
                root.write("etc/config/firewall", &rules("new"));
                let mut child = root
                    .command(&[verb])
                    .stderr(Stdio::null())
                    .spawn()
                    .expect("it runs");
                thread::sleep(moments.next(whole_run));
                cut_short += u32::from(child.try_wait().expect("asked").is_none());
                // it may have ended by itself
                let _ = child.kill();
                child.wait().expect("it ends");
                match sh(LIST) {
                    list if list == old => were_old += 1,
                    list if list == new => were_new += 1,
                    list => panic!("neither the old nor the new ruleset after {verb}:\n{list}"),
                }
            }
            println!(
                "{KILLS} kills, {cut_short} in mid-run: {were_old} times the old ruleset, {were_new} times the new"
            );
            assert!(
                cut_short > KILLS / 4,
                "hardly any run was cut short: {cut_short}"
            );
            assert!(
                were_old > 0 && were_new > 0,
                "the kills all came too early or too late"
            );
        },
    );
}
