/*! `Ruleset` to nft's own language, byte for byte as `fw4 print`. */
