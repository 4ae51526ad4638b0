//! Documents that people hand on, wherever they are: as text, in files, on the standard input, as QR codes in images.

use anyhow::{bail, Context, Result};
use png::{ColorType, Decoder, Limits, Transformations};
use rqrr::PreparedImage;
use std::{collections::BTreeSet, fs::File, io::Read, sync::mpsc, time::Duration};

/// What every PNG image begins with.
const IMAGE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";
/// Most bytes that an image takes when it is read: a photo of sixteen million pixels.
const MAX_IMAGE: usize = 64 << 20;
/// Most pixels of an image.
const MAX_PIXELS: u64 = 16 << 20;
/// Most bytes that are read, of an image or a text.
const MAX_FILE: u64 = 64 << 20;
/// For how long codes are looked for in an image. A photo takes less than a second.
const PATIENCE: Duration = Duration::from_secs(60);
/// Modules of the smallest QR code.
const SMALLEST: usize = 21;

/// A text that begins with this: as it is, or from a file, an image or the standard input.
pub fn text_of(file: &str, prefix: &str) -> Result<String> {
    if file.to_ascii_uppercase().starts_with(prefix) {
        return Ok(file.into());
    }
    let bytes = match file {
        "-" => all_of(std::io::stdin()).context("the standard input cannot be read")?,
        path => {
            let opened = File::open(path).map_err(anyhow::Error::from);
            opened.and_then(all_of).with_context(|| format!("cannot read {path}"))?
        },
    };
    if !bytes.starts_with(IMAGE) {
        return String::from_utf8(bytes).with_context(|| format!("{file} is neither a text nor a PNG image"));
    }
    let codes = qr_codes(&bytes).with_context(|| format!("the image {file} cannot be read"))?;
    the_one(codes, prefix).with_context(|| format!("the image {file} is not clear"))
}

/// All bytes, if they are not too many.
fn all_of(source: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len())? > MAX_FILE {
        bail!("it is too large");
    }
    Ok(bytes)
}

/// The one text that begins with this. Of several, one may have been stuck beside the other: nobody is paid by chance.
fn the_one(codes: Vec<String>, prefix: &str) -> Result<String> {
    let found: BTreeSet<String> = codes.into_iter().filter(|text| text.starts_with(prefix)).collect();
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(text), None) => Ok(text),
        (None, _) => bail!("it has no QR code that begins with {prefix}"),
        (Some(_), Some(_)) => bail!("it has several QR codes that begin with {prefix}: take a picture of one alone"),
    }
}

/// Texts of the QR codes in a PNG image.
pub fn qr_codes(image: &[u8]) -> Result<Vec<String>> {
    let (image, (tell, told)) = (image.to_vec(), mpsc::channel());
    // An image can be made so that reading it takes for ever, or ends the program that reads it.
    std::thread::spawn(move || tell.send(find(&image)));
    told.recv_timeout(PATIENCE).context("nobody can read it")?
}

fn find(image: &[u8]) -> Result<Vec<String>> {
    let (width, height, grey) = grey(image)?;
    if width < SMALLEST || height < SMALLEST {
        return Ok(Vec::new());
    }
    let pixel = |x: usize, y: usize| grey.get(y * width + x).copied().unwrap_or(u8::MAX);
    let mut prepared = PreparedImage::prepare_from_greyscale(width, height, pixel);
    let grids = prepared.detect_grids();
    Ok(grids.iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect())
}

/// Width, height and brightness of each pixel.
fn grey(image: &[u8]) -> Result<(usize, usize, Vec<u8>)> {
    let mut decoder = Decoder::new_with_limits(image, Limits { bytes: MAX_IMAGE });
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let (size, info) = (reader.output_buffer_size(), reader.info());
    if size > MAX_IMAGE || u64::from(info.width) * u64::from(info.height) > MAX_PIXELS {
        bail!("it is too large");
    }
    let mut samples = vec![0; size];
    let frame = reader.next_frame(&mut samples)?;
    let of_pixel = match frame.color_type {
        ColorType::Grayscale => 1,
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgb => 3,
        ColorType::Rgba => 4,
        ColorType::Indexed => bail!("it has colours of a kind that this program does not know"),
    };
    let pixels = samples.chunks_exact(of_pixel).map(|pixel| match *pixel {
        [grey] => grey,
        [grey, alpha] => on_white(grey, alpha),
        [red, green, blue] => brightness(red, green, blue),
        [red, green, blue, alpha] => on_white(brightness(red, green, blue), alpha),
        _ => u8::MAX,
    });
    let (width, height) = (usize::try_from(frame.width)?, usize::try_from(frame.height)?);
    Ok((width, height, pixels.collect()))
}

/// How bright a colour is to an eye, from 0 to 255.
fn brightness(red: u8, green: u8, blue: u8) -> u8 {
    let sum = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    u8::try_from(sum / 1_000).unwrap_or(u8::MAX)
}

/// What is seen of a pixel that lets a white sheet shine through.
fn on_white(grey: u8, alpha: u8) -> u8 {
    let dark = u32::from(u8::MAX - grey) * u32::from(alpha) / 255;
    u8::MAX - u8::try_from(dark).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qr::Qr;
    use specie_primitives::{
        orders::Action, payment_codes::CodeSide, BankId, Hash, Order, OrderId, OwnerId, PaymentCode,
    };
    use specie_wallet::{
        order::{read_text, sign_order, to_text, unsigned},
        Keypair, ShownCode,
    };
    use std::process::Command;

    fn shown(amount: Option<u128>, is_signed: bool) -> ShownCode {
        let (side, owner) = (CodeSide::Payee, OwnerId([0xa7; 24]));
        let until = is_signed.then_some(123_456);
        let code = PaymentCode { side, reusable: !is_signed, owner, bank: BankId(2), amount, until, random: [0x5c; 8] };
        match is_signed {
            true => ShownCode::signed(Hash::repeat_byte(1), code, &Keypair::from_uri("//Ben").unwrap()),
            false => ShownCode::unsigned(Hash::repeat_byte(1), code),
        }
    }

    #[test]
    fn codes_are_as_small_as_documented() {
        let signed = shown(Some(18_600), true).to_text();
        assert_eq!((signed.len(), Qr::for_screen(&signed).unwrap().width()), (187, 41));
        let signed = shown(None, true).to_text();
        assert_eq!((signed.len(), Qr::for_screen(&signed).unwrap().width()), (181, 41));
        let sticker = shown(None, false).to_text();
        assert_eq!((sticker.len(), Qr::new(&sticker).unwrap().width()), (72, 33));
    }

    #[test]
    fn what_is_written_as_an_image_is_read_from_it() {
        let folder = std::env::temp_dir().join(format!("specie-scan-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (place, (amount, is_signed)) in
            [(Some(18_600), true), (None, true), (None, false), (Some(u128::MAX), true)].into_iter().enumerate()
        {
            let text = shown(amount, is_signed).to_text();
            for (level, qr) in [("l", Qr::for_screen(&text)), ("m", Qr::new(&text))] {
                let png = qr.unwrap().png().unwrap();
                assert_eq!(qr_codes(&png).unwrap(), [text.as_str()]);
                let file = folder.join(format!("{place}{level}.png"));
                std::fs::write(&file, &png).unwrap();
                let path = file.display().to_string();
                assert_eq!(text_of(&path, specie_wallet::code::PREFIX).unwrap(), text);
                assert!(text_of(&path, specie_wallet::order::PREFIX).is_err());
                // Another program reads the same.
                match Command::new("zbarimg").args(["--quiet", "--raw"]).arg(&file).output() {
                    Ok(read) => assert_eq!(String::from_utf8_lossy(&read.stdout).trim(), text),
                    Err(_) => eprintln!("SKIPPED: zbarimg is not there; scripts/setup installs it"),
                }
            }
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn orders_are_read_from_images_too() {
        let (who, valid) = (OwnerId([0xa7; 24]), (1_000, 2_000));
        let action = Action::Cancel { order: OrderId([0x3b; 32]), valid_until: 7 };
        let mut document = unsigned(Order::new(Hash::repeat_byte(1), [9; 16], valid, who, action));
        sign_order(&mut document, 0, &Keypair::from_uri("//Ann").unwrap()).unwrap();
        let text = to_text(&document);
        let png = Qr::new(&text).unwrap().png().unwrap();
        assert_eq!(qr_codes(&png).unwrap(), [text.as_str()]);
        assert_eq!(read_text(&text), Ok(document));
    }

    #[test]
    fn colours_and_transparency_are_read() {
        let text = shown(Some(5), true).to_text();
        // As a photo has it: in colour, dark blue on light yellow, with a transparent margin around.
        let plain = Qr::new(&text).unwrap().png().unwrap();
        let (width, height, grey) = grey(&plain).unwrap();
        let colour = |grey: &u8| if *grey < 128 { [20, 20, 90, 255] } else { [250, 250, 200, 0] };
        let pixels: Vec<u8> = grey.iter().flat_map(colour).collect();
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, width as u32, height as u32);
        encoder.set_color(ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        assert_eq!(qr_codes(&png).unwrap(), [text.as_str()]);
        assert_eq!((brightness(255, 255, 255), brightness(0, 0, 0)), (255, 0));
        assert_eq!((on_white(0, 255), on_white(0, 0), on_white(255, 255)), (0, 255, 255));
    }

    #[test]
    fn of_several_codes_none_is_taken_by_chance() {
        let of = |texts: &[&str]| the_one(texts.iter().map(ToString::to_string).collect(), "SPECIE-PAY:");
        // The same one twice, and one of another kind, mislead nobody.
        for texts in [&["SPECIE-PAY:A"][..], &["SPECIE-PAY:A", "SPECIE-PAY:A"], &["SPECIE-ORDER:B", "SPECIE-PAY:A"]] {
            assert_eq!(of(texts).unwrap(), "SPECIE-PAY:A");
        }
        for texts in [&[][..], &["SPECIE-ORDER:B"], &["SPECIE-PAY:A", "SPECIE-PAY:B"]] {
            assert!(of(texts).is_err(), "{texts:?}");
        }
    }

    #[test]
    fn what_is_no_image_is_refused() {
        assert!(qr_codes(b"").is_err() && qr_codes(IMAGE).is_err());
        let png = Qr::new("SPECIE-PAY:A").unwrap().png().unwrap();
        for length in [8, 20, 60, png.len() / 2] {
            assert!(qr_codes(&png[..length]).is_err(), "{length}");
        }
        // Many pixels in few bytes.
        let mut bomb = Vec::new();
        let mut encoder = png::Encoder::new(&mut bomb, 8_192, 4_096);
        encoder.set_color(ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        encoder.write_header().unwrap().write_image_data(&vec![0; 1_024 * 4_096]).unwrap();
        assert!(bomb.len() < 1 << 20);
        assert_eq!(qr_codes(&bomb).unwrap_err().to_string(), "it is too large");
        assert!(all_of(std::io::repeat(b' ')).is_err());
        assert!(text_of("/nowhere/at/all", "SPECIE-PAY:").is_err());
        assert_eq!(text_of("specie-pay:a", "SPECIE-PAY:").unwrap(), "specie-pay:a");
    }
}
