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
