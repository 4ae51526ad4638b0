//! A real service on a port and a real client.

mod common;

use common::*;
use rand::rngs::OsRng;
use specie_identity_client::{
    ask, describe, evaluate, send,
    wire::{Body, SignedRequest, MAX_BODY},
    ClientError,
};
use specie_prf::{finish, Blinded, Hardened, Key, PrfError, Request};

#[tokio::test]
async fn success_answers_equal_local_evaluation() {
    // Given
    let (folder, alice, key) = (tempfile::tempdir().unwrap(), pair(1), Key::generate(&mut OsRng));
    let (public, secret) = (key.public(), key.to_bytes());
    let running = Running::start(folder.path(), key, bank(&alice, 1000, 1000)).await;
    let key = Key::from_bytes(&secret).unwrap();

    // When
    let identity = b"phone:+491715550101";
    let one = [Blinded::new(identity, NETWORK, &mut OsRng).unwrap()];
    let outputs = evaluate(&running.url, &public, &signer(&alice), &one).await.unwrap();

    // Then
    let local = key.output(&Hardened::new(identity, NETWORK).unwrap()).unwrap();
    assert_eq!(outputs, vec![local.clone()]);
    assert_eq!(outputs[0].owner_id(NETWORK), local.owner_id(NETWORK));

    // More than a batch.
    let many = blinded(150);
    let outputs = evaluate(&running.url, &public, &signer(&alice), &many).await.unwrap();
    for (byte, output) in (0..150).zip(&outputs) {
        assert_eq!(*output, key.output(&hardened(byte)).unwrap());
    }
    assert_eq!(outputs.len(), 150);
    assert_eq!(evaluate(&running.url, &public, &signer(&alice), &[]).await, Ok(Vec::new()));
    assert_eq!(describe(&running.url).await, Ok((NETWORK, public)));

    let metrics = running.service.metrics().text();
    assert!(metrics.contains("requests_total{asker=\"bank-a\",outcome=\"ok\"} 4\n"), "{metrics}");
    assert!(metrics.contains("evaluations_total{asker=\"bank-a\"} 151\n"), "{metrics}");
    running.stop().await;
}

#[tokio::test]
async fn success_a_bank_asks_for_a_wallet_that_checks_the_answer() {
    let (folder, alice, key) = (tempfile::tempdir().unwrap(), pair(1), Key::generate(&mut OsRng));
    let public = key.public();
    let running = Running::start(folder.path(), key, bank(&alice, 10, 10)).await;
    // The wallet hands bytes to the bank and gets bytes back.
    let wallet = blinded(2);
    let request = Request::new(&wallet).unwrap().encode();
    let request = Request::decode(&request).unwrap();
    let response = ask(&running.url, &public, NETWORK, &signer(&alice), &request).await.unwrap();
    assert_eq!(finish(&wallet, &response, &public).unwrap().len(), 2);
    running.stop().await;
}

#[tokio::test]
async fn fails_answers_of_another_key() {
    // A peer that evaluates with a key of its own.
    let (alice, right, wrong) = (pair(1), Key::generate(&mut OsRng), Key::generate(&mut OsRng));
    let (public, secret) = (right.public(), wrong.to_bytes());
    let url = peer(move |body| {
        let key = Key::from_bytes(&secret).unwrap();
        async move {
            let signed = SignedRequest::from_json(&body).unwrap();
            assert!(signed.verify());
            let response = key.evaluate(&Request::decode(&signed.request).unwrap(), &mut OsRng).unwrap();
            serde_json::json!({ "response": hex::encode(response) }).to_string()
        }
    })
    .await;
    let outcome = evaluate(&url, &public, &signer(&alice), &blinded(2)).await;
    assert_eq!(outcome, Err(ClientError::Prf(PrfError::Proof)));
    assert!(evaluate(&url, &wrong.public(), &signer(&alice), &blinded(2)).await.is_ok());

    // An honest service with another key says so.
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), wrong, bank(&alice, 10, 10)).await;
    let outcome = evaluate(&running.url, &public, &signer(&alice), &blinded(1)).await;
    assert_eq!(refusal(outcome), (409, "key".into()));
    running.stop().await;
}

#[tokio::test]
async fn fails_answers_that_are_none() {
    let alice = pair(1);
    let public = Key::generate(&mut OsRng).public();
    for answer in ["", "{}", "[]", "{\"response\":\"zz\"}"] {
        let url = peer(move |_| async move { answer.to_string() }).await;
        let outcome = evaluate(&url, &public, &signer(&alice), &blinded(1)).await;
        assert_eq!(outcome, Err(ClientError::Answer(200)), "{answer}");
    }
    let url = peer(|_| async { format!("{{\"response\":\"{}\"}}", "00".repeat(1_000_000)) }).await;
    assert!(matches!(evaluate(&url, &public, &signer(&alice), &blinded(1)).await, Err(ClientError::Http(_))));
    let url = peer(|_| async { "{\"response\":\"0101\"}".into() }).await;
    let outcome = evaluate(&url, &public, &signer(&alice), &blinded(1)).await;
    assert!(matches!(outcome, Err(ClientError::Prf(PrfError::Length { .. }))));
    for url in ["https://127.0.0.1", "127.0.0.1:1", "http://", "http://user@host:1", "", "http://a b"] {
        let outcome = evaluate(url, &public, &signer(&alice), &blinded(1)).await;
        assert!(matches!(outcome, Err(ClientError::Http(_))), "{url}");
    }
}

#[tokio::test]
async fn fails_requests_that_do_not_hold() {
    let (folder, alice, eve, key) = (tempfile::tempdir().unwrap(), pair(1), pair(2), Key::generate(&mut OsRng));
    let public = key.public();
    let running = Running::start(folder.path(), key, bank(&alice, 1, 1)).await;
    let url = running.url.as_str();
    let request = Request::new(&blinded(1)).unwrap();
    let good = || signer(&alice).request(NETWORK, &public, &request);
    let sign = |mut signed: SignedRequest| {
        signed.signature = alice.sign_simple(b"substrate", &signed.message()).to_bytes();
        signed.body()
    };

    // Signed by another key than the one that is named; signed, then changed; signed in another context.
    let mut signed = good();
    signed.signature = eve.sign_simple(b"substrate", &signed.message()).to_bytes();
    assert_eq!(refusal(send(url, &signed.body()).await), (401, "signature".into()));
    let mut signed = good();
    signed.nonce = [0; 16];
    assert_eq!(refusal(send(url, &signed.body()).await), (401, "signature".into()));
    signed.signature = alice.sign_simple(b"another", &signed.message()).to_bytes();
    assert_eq!(refusal(send(url, &signed.body()).await), (401, "signature".into()));

    // Too old, and from the future.
    for shift in [-120i64, 120] {
        let mut signed = good();
        signed.time = signed.time.checked_add_signed(shift).unwrap();
        assert_eq!(refusal(send(url, &sign(signed)).await), (401, "time".into()));
    }

    // Another network.
    let mut signed = good();
    signed.network = 2;
    assert_eq!(refusal(send(url, &sign(signed)).await), (409, "network".into()));

    // A key that nobody knows.
    let outcome = evaluate(url, &public, &signer(&eve), &blinded(1)).await;
    assert_eq!(refusal(outcome), (403, "asker".into()));

    // Elements that are none, and one too many.
    let element = &request.encode()[2..];
    for bytes in [
        vec![],
        vec![2, 1],
        [&[1, 0][..], element].concat(),
        [&[1, 65][..], &element.repeat(65)].concat(),
        [&[1, 1][..], &[0; 32]].concat(),
        [&[1, 1][..], element, &[0]].concat(),
    ] {
        let mut signed = good();
        signed.request = bytes;
        assert_eq!(refusal(send(url, &sign(signed)).await), (400, "elements".into()));
    }

    // Nothing of that was charged: the limit is one.
    assert!(send(url, &good().body()).await.is_ok());
    assert_eq!(refusal(send(url, &good().body()).await), (429, "limit".into()));
    let metrics = running.service.metrics().text();
    for (asker, code, count) in
        [("unknown", "signature", 3), ("unknown", "time", 2), ("unknown", "asker", 1), ("bank-a", "limit", 1)]
    {
        let line = format!("requests_total{{asker=\"{asker}\",outcome=\"{code}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
    running.stop().await;
}

#[tokio::test]
async fn fails_a_request_that_was_answered_before() {
    let (folder, alice, key) = (tempfile::tempdir().unwrap(), pair(1), Key::generate(&mut OsRng));
    let (public, secret) = (key.public(), key.to_bytes());
    let running = Running::start(folder.path(), key, bank(&alice, 10, 10)).await;
    let body: Body = signer(&alice).request(NETWORK, &public, &Request::new(&blinded(1)).unwrap()).body();
    assert!(send(&running.url, &body).await.is_ok());
    assert_eq!(refusal(send(&running.url, &body).await), (409, "replayed".into()));
    running.stop().await;
    // Not even after a restart.
    let running = Running::start(folder.path(), Key::from_bytes(&secret).unwrap(), bank(&alice, 10, 10)).await;
    assert_eq!(refusal(send(&running.url, &body).await), (409, "replayed".into()));
    running.stop().await;
}

#[tokio::test]
async fn fails_over_the_limit_and_still_after_a_restart() {
    // Given a limit of four in a day.
    let (folder, alice, key) = (tempfile::tempdir().unwrap(), pair(1), Key::generate(&mut OsRng));
    let (public, secret) = (key.public(), key.to_bytes());
    let running = Running::start(folder.path(), key, bank(&alice, 100, 4)).await;
    let over = |outcome| match outcome {
        Err(ClientError::Refused { status: 429, reason }) => (reason.code, reason.retry_after),
        other => panic!("{other:?}"),
    };
    // When it is used up: every element counts.
    assert!(evaluate(&running.url, &public, &signer(&alice), &blinded(3)).await.is_ok());
    let (code, wait) = over(evaluate(&running.url, &public, &signer(&alice), &blinded(2)).await);
    // Then the next waits a quarter of a day.
    assert_eq!(code, "limit");
    assert!((21_000..=21_600).contains(&wait.unwrap()), "{wait:?}");
    assert!(evaluate(&running.url, &public, &signer(&alice), &blinded(1)).await.is_ok());
    running.stop().await;

    let running = Running::start(folder.path(), Key::from_bytes(&secret).unwrap(), bank(&alice, 100, 4)).await;
    let (code, wait) = over(evaluate(&running.url, &public, &signer(&alice), &blinded(1)).await);
    assert!(code == "limit" && wait.is_some());
    // A batch that can never pass says so.
    assert_eq!(over(evaluate(&running.url, &public, &signer(&alice), &blinded(5)).await), ("limit".into(), None));
    running.stop().await;
}

#[tokio::test]
async fn fails_bodies_that_are_garbage_or_too_long() {
    let (folder, alice, key) = (tempfile::tempdir().unwrap(), pair(1), Key::generate(&mut OsRng));
    let running = Running::start(folder.path(), key, bank(&alice, 10, 10)).await;
    let address = running.address();
    const PATH: &str = "/v1/evaluate";
    for body in [&b""[..], b"{", b"null", b"[1,2]", b"{\"network\":1}", &[0xff; 500], &[b'['; MAX_BODY]] {
        assert_eq!(post(address, PATH, body).await, (400, "malformed".into()));
    }
    assert_eq!(post(address, PATH, &vec![b' '; MAX_BODY]).await, (400, "malformed".into()));
    assert_eq!(post(address, PATH, &vec![b' '; MAX_BODY + 1]).await, (413, "too_large".into()));
    let large = vec![b'a'; 10 * 1024 * 1024];
    assert_eq!(post(address, PATH, &large).await, (413, "too_large".into()));
    // The same without saying how long it is.
    let mut chunked = format!("POST {PATH} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n").into_bytes();
    for part in large.chunks(1024 * 1024) {
        chunked.extend_from_slice(format!("{:x}\r\n", part.len()).as_bytes());
        chunked.extend_from_slice(part);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(read_refusal(&raw(address, &chunked).await), (413, "too_large".into()));

    assert_eq!(post(address, "/", b"").await, (404, "not_found".into()));
    assert_eq!(post(address, "/metrics", b"").await, (404, "not_found".into()), "metrics have a port of their own");
    let get = format!("GET {PATH} HTTP/1.1\r\nhost: x\r\n\r\n");
    assert_eq!(read_refusal(&raw(address, get.as_bytes()).await), (405, "method".into()));
    assert!(raw(address, b"\x16\x03\x01 no HTTP\r\n\r\n").await.starts_with("HTTP/1.1 400"));
    assert!(raw(address, b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await.ends_with("\r\n\r\nok\n"));
    running.stop().await;
}

#[tokio::test]
async fn success_many_at_once_are_charged_exactly() {
    let (folder, alice, key) = (tempfile::tempdir().unwrap(), pair(1), Key::generate(&mut OsRng));
    let public = key.public();
    let running = Running::start(folder.path(), key, bank(&alice, 1000, 20)).await;
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let (url, alice) = (running.url.clone(), alice.clone());
            tokio::spawn(async move { evaluate(&url, &public, &signer(&alice), &blinded(1)).await.is_ok() })
        })
        .collect();
    let mut answered = 0;
    for task in tasks {
        answered += u32::from(task.await.unwrap());
    }
    assert_eq!(answered, 20);
    running.stop().await;
}

#[tokio::test]
async fn success_what_was_begun_is_finished() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (folder, alice, key) = (tempfile::tempdir().unwrap(), pair(1), Key::generate(&mut OsRng));
    let public = key.public();
    let running = Running::start(folder.path(), key, bank(&alice, 10, 10)).await;
    let address = running.address().to_string();
    let signed = signer(&alice).request(NETWORK, &public, &Request::new(&blinded(1)).unwrap());
    let body = serde_json::to_vec(&signed.body()).unwrap();
    // Given a request whose body is half sent.
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = format!("POST /v1/evaluate HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body[..100]).await.unwrap();
    stream.flush().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    // When the service is told to stop, then the rest still is answered, and nobody else is.
    let stopping = tokio::spawn(running.stop());
    while tokio::net::TcpStream::connect(&address).await.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    stream.write_all(&body[100..]).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("{\"response\":\""), "{answer}");
    stopping.await.unwrap();
}
