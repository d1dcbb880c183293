#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ferrowall_fuzz::json(bytes));
