#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| sdl_fuzz::edit(text));
