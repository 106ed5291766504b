#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| hookscope_fuzz::tcp::check(input));
