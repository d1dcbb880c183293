/*! `Firewall` and `Router` to `Ruleset`: fw4's lowering, chain by chain. */
