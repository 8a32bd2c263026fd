#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| sdl_fuzz::check(text));
