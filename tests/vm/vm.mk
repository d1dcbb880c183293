# The test machine: Debian kernels in QEMU, with flowtables and a NIC that forwards in hardware. See tests/vm/README.md.
#
#   make deps-vm                          install what the host lacks (apt, needs root)
#   make test-vm                          every scenario on every kernel
#   make test-vm VM_KERNELS=6.12          one kernel only
#   make test-vm VM_SCENARIOS='hw_*'      scenarios whose name matches
#   make test-vm VM_BINARY=PATH           a binary built elsewhere

VM_DIR      ?= target/vm
VM_KERNELS  ?= 6.1 6.12 newest
VM_SCENARIOS ?= *
VM_BINARY   ?=

.PHONY: deps-vm test-vm

deps-vm:
	tests/vm/host/install-packages

test-vm: deps-vm
	@VM_DIR='$(VM_DIR)' VM_KERNELS='$(VM_KERNELS)' VM_SCENARIOS='$(VM_SCENARIOS)' VM_BINARY='$(VM_BINARY)' \
		tests/vm/host/test-vm
