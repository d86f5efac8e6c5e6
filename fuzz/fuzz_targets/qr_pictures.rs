#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    conclave::outside::qr_pictures(bytes);
});
