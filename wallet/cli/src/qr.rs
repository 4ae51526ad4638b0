//! QR codes, on a terminal and as images that any program reads.

use anyhow::{Context, Result};
use qrcode::{render::unicode, Color, EcLevel, QrCode};

/// Pixels of a module in an image.
const SCALE: usize = 8;
/// Light modules around a code: ISO/IEC 18004 asks for four.
const MARGIN: usize = 4;
/// Most bytes of a stored block of RFC 1951.
const STORED: usize = 65_535;

/// A QR code.
pub struct Qr(QrCode);

impl Qr {
    /// The code of a text with correction level M.
    pub fn new(text: &str) -> Result<Self> {
        Self::with_level(text, EcLevel::M)
    }

    /// The same with level L, for screens, which nobody stains or folds: it has fewer and larger modules.
    pub fn for_screen(text: &str) -> Result<Self> {
        Self::with_level(text, EcLevel::L)
    }

    fn with_level(text: &str, level: EcLevel) -> Result<Self> {
        let code = QrCode::with_error_correction_level(text.as_bytes(), level);
        Ok(Self(code.map_err(|error| anyhow::anyhow!("it does not fit into a QR code: {error}"))?))
    }

    /// Number of modules of a side.
    pub fn width(&self) -> usize {
        self.0.width()
    }

    /// For a terminal with a dark background: light modules are drawn.
    pub fn terminal(&self) -> String {
        // The library draws what it takes for dark.
        let (dark, light) = (unicode::Dense1x2::Light, unicode::Dense1x2::Dark);
        self.0.render::<unicode::Dense1x2>().dark_color(dark).light_color(light).build()
    }

    /// A PNG image, grey and not compressed.
    pub fn png(&self) -> Result<Vec<u8>> {
        let (width, colors) = (self.width(), self.0.to_colors());
        let side = (width + 2 * MARGIN) * SCALE;
        let is_dark = |x: usize, y: usize| {
            let place = |pixel: usize| (pixel / SCALE).checked_sub(MARGIN).filter(|module| *module < width);
            let module = place(x).zip(place(y)).and_then(|(x, y)| colors.get(y * width + x));
            module == Some(&Color::Dark)
        };
        let mut pixels = Vec::with_capacity(side * (side + 1));
        for y in 0..side {
            // No filter.
            pixels.push(0);
            pixels.extend((0..side).map(|x| if is_dark(x, y) { 0 } else { 255u8 }));
        }
        let side = u32::try_from(side).context("the image is too large")?;
        // Eight bits of grey a pixel, the usual compression and filters, not interlaced.
        let header = [&side.to_be_bytes()[..], &side.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, data) in [(b"IHDR", header), (b"IDAT", stored(&pixels)), (b"IEND", Vec::new())] {
            let length = u32::try_from(data.len()).context("the image is too large")?;
            let chunk = [&kind[..], &data].concat();
            png.extend(length.to_be_bytes());
            png.extend(&chunk);
            png.extend(crc32(&chunk).to_be_bytes());
        }
        Ok(png)
    }
}

/// Bytes as RFC 1950 wraps them, in stored blocks.
fn stored(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let last = data.len().div_ceil(STORED).saturating_sub(1);
    for (number, block) in data.chunks(STORED).enumerate() {
        // A block has no more bytes than 16 bits count.
        let length = block.len() as u16;
        out.push(u8::from(number == last));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(block);
    }
    out.extend(adler32(data).to_be_bytes());
    out
}

/// The checksum of RFC 1950.
fn adler32(data: &[u8]) -> u32 {
    let (low, high) = data.iter().fold((1u32, 0u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

/// The checksum of the PNG specification, annex D.
fn crc32(data: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    };
    !data.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_standards() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b"IEND"), 0xae42_6082);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn a_payment_fits_a_screen() {
        let text = format!("SPECIE-ORDER:{}", "A7".repeat(172));
        let qr = Qr::new(&text).unwrap();
        // Version 11: 61 modules, for 357 signs of the dense mode at level M.
        assert_eq!(qr.width(), 61);
        let lines = qr.terminal();
        assert!(lines.lines().count() < 40 && lines.contains('█'), "{lines}");
        assert!(Qr::new(&"A".repeat(4_000)).is_err());
    }

    #[test]
    fn images_have_the_parts_of_a_png() {
        let qr = Qr::new("SPECIE-ORDER:A").unwrap();
        let png = qr.png().unwrap();
        let side = (qr.width() + 2 * MARGIN) * SCALE;
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(&png[12..20], [b"IHDR".as_slice(), &(side as u32).to_be_bytes()].concat());
        assert_eq!(&png[png.len() - 8..], b"IEND\xae\x42\x60\x82");
        // A block for every 65 535 bytes, with five before it, and six around them all.
        let raw = side * (side + 1);
        assert_eq!(stored(&vec![0; raw]).len(), raw + raw.div_ceil(STORED) * 5 + 6);
    }
}
