//! The text of a QR code in a picture.
//!
//! A picture comes from anywhere: its size is limited before it is decoded, and again before a code is looked for. What
//! does not belong here: what the text means.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits};
use rqrr::PreparedImage;

use super::host::blocking;
use super::{Host, HostError, exports};

/// Largest file, in bytes.
pub const PICTURE_LIMIT: usize = 20_000_000;
/// Most pixels.
const PIXELS: u64 = 50_000_000;
/// Longest side, in pixels.
const SIDE: u32 = 16_384;
/// Most memory that decoding may take, in bytes: 50 megapixels of 8 bytes, and as much again for the work.
const MEMORY: u64 = 800_000_000;

impl Host {
    /// The text of the QR code in a picture, which a page hands over in base64.
    ///
    /// Errors: [`HostError::FileMalformed`], [`HostError::TextLong`], and those of [`read`].
    pub async fn read_qr(&self, picture: String) -> Result<String, HostError> {
        blocking(move || read(&exports::decoded(&picture, PICTURE_LIMIT)?)).await
    }
}

/// The text of the one QR code in a PNG or JPEG picture.
///
/// Errors: [`HostError::ImageUnreadable`], [`HostError::QrNone`], [`HostError::QrSeveral`].
pub fn read(picture: &[u8]) -> Result<String, HostError> {
    let unreadable = |reason: String| HostError::ImageUnreadable { reason };
    if picture.len() > PICTURE_LIMIT {
        return Err(unreadable(format!("it has {} bytes", picture.len())));
    }
    let mut reader =
        ImageReader::new(Cursor::new(picture)).with_guessed_format().map_err(|e| unreadable(e.to_string()))?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg)) {
        return Err(unreadable("it is neither PNG nor JPEG".to_owned()));
    }
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) = (Some(SIDE), Some(SIDE), Some(MEMORY));
    reader.limits(limits.clone());
    // The size stands at the beginning of the file: it is read first, as not every decoder keeps to the limits.
    let mut sized = ImageReader::new(Cursor::new(picture));
    sized.set_format(reader.format().unwrap_or(ImageFormat::Png));
    sized.limits(limits);
    let (width, height) = sized.into_dimensions().map_err(|error| unreadable(error.to_string()))?;
    if u64::from(width) * u64::from(height) > PIXELS {
        return Err(unreadable(format!("it has {width} by {height} pixels")));
    }
    let grey = reader.decode().map_err(|error| unreadable(error.to_string()))?.into_luma8();
    let bytes = grey.as_raw();
    let (width, height) = (width as usize, height as usize);
    let at = |x: usize, y: usize| bytes.get(y * width + x).copied().unwrap_or(u8::MAX);
    let mut prepared = PreparedImage::prepare_from_greyscale(width, height, at);
    let codes = prepared.detect_grids();
    let mut texts: Vec<String> = codes.iter().filter_map(|code| code.decode().ok()).map(|(_, text)| text).collect();
    texts.sort_unstable();
    texts.dedup();
    match texts.len() {
        0 => Err(HostError::QrNone),
        1 => Ok(texts.remove(0)),
        found => Err(HostError::QrSeveral { found }),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, GrayImage, ImageFormat, Luma};

    use super::*;

    /// Small squares are drawn with this many pixels a side.
    const SCALE: u32 = 4;

    /// Codes beside one another, as a picture.
    fn drawn(texts: &[&str]) -> GrayImage {
        let drawings: Vec<_> = texts.iter().map(|text| conclave_ui_logic::qr::drawing(text).unwrap()).collect();
        let height = drawings.iter().map(|it| it.side as u32).max().unwrap_or(20) * SCALE;
        let width = drawings.iter().map(|it| it.side as u32).sum::<u32>().max(20) * SCALE;
        let mut picture = GrayImage::from_pixel(width, height, Luma([255]));
        let mut left = 0;
        for drawing in drawings {
            // `Mx yhNv1h-Nz`: a bar of N dark squares.
            for bar in drawing.path.split('M').skip(1) {
                let (at, rest) = bar.split_once('h').unwrap();
                let (x, y) = at.split_once(' ').unwrap();
                let length: u32 = rest.split_once('v').unwrap().0.parse().unwrap();
                let (x, y): (u32, u32) = (x.parse().unwrap(), y.parse().unwrap());
                for dx in 0..length * SCALE {
                    for dy in 0..SCALE {
                        picture.put_pixel(left + x * SCALE + dx, y * SCALE + dy, Luma([0]));
                    }
                }
            }
            left += drawing.side as u32 * SCALE;
        }
        picture
    }

    fn file(picture: GrayImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageLuma8(picture).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// The code of a text as a PNG file.
    pub(crate) fn png(text: &str) -> Vec<u8> {
        file(drawn(&[text]), ImageFormat::Png)
    }

    fn code(picture: &[u8]) -> String {
        read(picture).unwrap_err().failure().code
    }

    #[test]
    fn what_the_window_draws_is_read_back() {
        let long = "x".repeat(1_500);
        for text in ["bitcoin:bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080?amount=0.5", "приглашение", &long]
        {
            assert_eq!(read(&png(text)).unwrap(), text);
            assert_eq!(read(&file(drawn(&[text]), ImageFormat::Jpeg)).unwrap(), text);
        }
        assert_eq!(read(&file(drawn(&["same", "same"]), ImageFormat::Png)).unwrap(), "same", "one text, shown twice");
    }

    #[test]
    fn what_cannot_be_read_is_said_by_name() {
        assert_eq!(code(&file(drawn(&["one", "another"]), ImageFormat::Png)), "qr-several");
        assert_eq!(code(&file(drawn(&[]), ImageFormat::Png)), "qr-none");
        let whole = png("cut");
        for picture in [&b""[..], b"GIF89a", b"\x89PNG\r\n\x1a\n", &whole[..whole.len() / 2]] {
            assert_eq!(code(picture), "image-unreadable");
        }
        assert_eq!(code(&vec![0; PICTURE_LIMIT + 1]), "image-unreadable");
    }

    #[test]
    fn a_small_file_of_a_huge_picture_is_refused_before_it_is_decoded() {
        // The size stands in the header, whose checksum is made right again.
        let mut picture = png("huge");
        for (width, height) in [(16_000_u32, 16_000_u32), (60_000, 1), (u32::MAX, u32::MAX)] {
            picture[16..20].copy_from_slice(&width.to_be_bytes());
            picture[20..24].copy_from_slice(&height.to_be_bytes());
            let checksum = crc32(&picture[12..29]);
            picture[29..33].copy_from_slice(&checksum.to_be_bytes());
            let refused = read(&picture).unwrap_err();
            assert!(matches!(refused, HostError::ImageUnreadable { .. }), "{refused}");
        }
    }

    /// The checksum of a PNG's chunks (ISO 3309).
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
        })
    }
}
