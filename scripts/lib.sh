# shellcheck shell=bash disable=SC2034  # the variables are for those who source it
# Sourced by the other scripts: where things are, how to say things, which Rust toolchain builds what.
# protoc needs no variable: the build finds it on PATH.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
SPECIE_CACHE=${SPECIE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/specie}

# Outside the clone, so that a fresh checkout does not start from nothing.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$SPECIE_CACHE/target}
# Without this hint the Wasm build does not find Cargo.lock from there, and builds unlocked.
export WASM_BUILD_WORKSPACE_HINT=$ROOT

RUST_MIN=1.89
WASM_TARGET=wasm32v1-none
# The toolchain for Wasm that scripts/setup makes from Debian's packages where rustup cannot install the target.
WASM_TOOLCHAIN=specie-wasm
WASM_HOME=$SPECIE_CACHE/wasm-toolchain

say() { printf '==> %s\n' "$*"; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
need() { have "$1" || fail "$1 is missing; run scripts/setup"; }

# at_least VERSION MINIMUM
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | sed -n 1p)" = "$2" ]; }

# Whether the system's OpenSSL can be linked.
has_openssl() { pkg-config --exists 'openssl >= 3.0' 2>/dev/null; }

# limit SECONDS COMMAND...: gives up after that time, where the system has `timeout`.
limit() {
    local seconds=$1
    shift
    if have timeout; then timeout "$seconds" "$@"; else "$@"; fi
}

# Prints the version of a toolchain's rustc: the active one, or the named one. Fails if there is none.
rustc_version() {
    local out
    if [ $# = 0 ]; then
        out=$(cd "$ROOT" && limit 600 rustc --version 2>/dev/null) || return 1
    else
        out=$(limit 60 rustup run "$1" rustc --version 2>/dev/null) || return 1
    fi
    out=${out#rustc }
    printf '%s\n' "${out%%[ -]*}"
}

# Sets RUST_VERSION. The channel in rust-toolchain.toml is used if it is installed (or can be) and new enough;
# otherwise any installed toolchain that is.
pick_native_toolchain() {
    local name version
    # Not "have cargo": Debian's packages for the Wasm target bring a cargo that is not meant for the native build.
    have rustup || PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
    { have cargo && have rustc; } || fail "no Rust toolchain found: install rustup (www.rust-lang.org) and run this again"
    if RUST_VERSION=$(rustc_version) && at_least "$RUST_VERSION" "$RUST_MIN"; then
        return
    fi
    if have rustup; then
        while read -r name _; do
            [ -n "$name" ] && [ "$name" != "$WASM_TOOLCHAIN" ] || continue
            version=$(rustc_version "$name") || continue
            if at_least "$version" "$RUST_MIN"; then
                say "Rust: the active toolchain is missing or older than $RUST_MIN; using the installed $name"
                export RUSTUP_TOOLCHAIN=$name
                RUST_VERSION=$version
                return
            fi
        done < <(rustup toolchain list)
    fi
    fail "Rust $RUST_MIN or newer is needed, found ${RUST_VERSION:-none}; 'rustup update stable' installs it"
}

# Whether a rustc (given as a command) has the Wasm target's standard library in its sysroot.
has_wasm_target() {
    local sysroot
    sysroot=$(cd "$ROOT" && "$@" --print sysroot 2>/dev/null) || return 1
    compgen -G "$sysroot/lib/rustlib/$WASM_TARGET/lib/libcore-*.rlib" >/dev/null
}

# Exports what a build needs: the native toolchain if it is not the default one, and WASM_BUILD_TOOLCHAIN if the
# runtime is built with another. A WASM_BUILD_TOOLCHAIN that is already set stays.
use_toolchain() {
    pick_native_toolchain
    # Else a crate compiles its own.
    if has_openssl; then export OPENSSL_NO_VENDOR=1; fi
    if [ -n "${WASM_BUILD_TOOLCHAIN:-}" ]; then
        return
    elif has_wasm_target rustc; then
        return
    elif has_wasm_target rustup run "$WASM_TOOLCHAIN" rustc; then
        export WASM_BUILD_TOOLCHAIN=$WASM_TOOLCHAIN
    else
        fail "no toolchain can build for $WASM_TARGET; run scripts/setup"
    fi
}

# build_runtime_with FEATURE FILE: the runtime once more with a feature, into a file beside the programs. It is the project
# that the ordinary Wasm build made up, with one feature more, so that its dependencies serve this one too.
build_runtime_with() {
    local release=$CARGO_TARGET_DIR/release
    local project=$release/wbuild/specie-runtime
    local target=$project/target
    local -a cargo=(cargo)
    [ -z "${WASM_BUILD_TOOLCHAIN:-}" ] || cargo=(rustup run "$WASM_BUILD_TOOLCHAIN" cargo)
    env -u CARGO_ENCODED_RUSTFLAGS -u RUSTC SKIP_WASM_BUILD= CARGO_TARGET_DIR="$target" \
        RUSTFLAGS="-C link-arg=--export-table -C link-arg=--export=__heap_base -C link-arg=--import-memory --cfg substrate_runtime " \
        "${cargo[@]}" rustc --target="$WASM_TARGET" --manifest-path="$project/Cargo.toml" --profile release \
        --features "wasm-project/$1"
    cp "$target/$WASM_TARGET/release/specie_runtime.wasm" "$release/$2"
}

# run_built PROGRAM ARGUMENTS...: becomes a program that scripts/build made.
run_built() {
    local program=$CARGO_TARGET_DIR/release/$1
    shift
    [ -x "$program" ] || fail "$program is missing: run scripts/build"
    exec "$program" "$@"
}
