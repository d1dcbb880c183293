# The LuCI page in a headless Chromium: before a daemon of cardboard, and before the real one in a network
# namespace. The main Makefile includes this.

.PHONY: test-luci luci-pot

test-luci: build | test-rust
	tests/luci/run $(RELEASE)

test: test-luci

# The template for translators, after texts have changed.
luci-pot:
	node tests/luci/pot.mjs
