//! Roots that the TypeScript SDK computed.

use zerog_hash::{EmptyFile, Hasher, SegmentTree, root_of};

use crate::files::recorded;

/// The size of a file, its root, the entries with padding, and the heights of its submission's nodes.
type Known = (usize, &'static str, u64, &'static [u8]);

const KNOWN: [Known; 16] = [
    (
        1,
        "0x71bfab3b73c19ec6548f3e1dcc56d9a8c7c66b51b71e4dbbfb1fc0e0bf2826ba",
        1,
        &[0],
    ),
    (
        31,
        "0x39c075412c252f3437ca8cad735549aa32ad691b844c1f97182924eb47065e78",
        1,
        &[0],
    ),
    (
        32,
        "0x965423aa84e469e5b47f92d38620d6ae8561ece4ea43cafa847fdea3635c24ce",
        1,
        &[0],
    ),
    (
        255,
        "0x126dccd8c3dcc7375b96fb4604a9b61ae72b2b869b6da58a868e59adda22a3be",
        1,
        &[0],
    ),
    (
        256,
        "0xedf1c56924fa652f2b5d33af272bc44a20c49c0b25cb7628363bf8a4cdafee8c",
        1,
        &[0],
    ),
    (
        257,
        "0x7ea7520214ca45edb7f0f74f219e68b1c07ccebd02bf44e83503e264733021c6",
        2,
        &[1],
    ),
    (
        1_023,
        "0x06215f8855b0773ad00a1cb193e82316fc029c1c423733ee538cd7d84bfbabc3",
        4,
        &[2],
    ),
    (
        1_024,
        "0xe9e37958facbca0d0f1c795362480a3cf4db550e7d9de8aac97472fbbcda7377",
        4,
        &[2],
    ),
    (
        1_025,
        "0xaeb7982c76f2fe0ac9df8602d4376c336e46c79037b88ad3729e3521a7adf7b3",
        5,
        &[2, 0],
    ),
    (
        4_097,
        "0xb187870fd7c9056de1b1e168560a3e9fe9bc3116cc6ce5c60398042b0ab281e2",
        18,
        &[4, 1],
    ),
    (
        262_143,
        "0x34400c1f1800b15f03470317db3b3f0117abd4fada95c7f518591762f28b7990",
        1_024,
        &[10],
    ),
    (
        262_144,
        "0xd91d4fbe931dad9d248e122f5110690dc8b062081085fa8c25ffbd5a121af8ba",
        1_024,
        &[10],
    ),
    (
        262_145,
        "0xb236481c8daf801365d17e798661a7b3a47de5d494a93400ad2cad0d0b322202",
        1_152,
        &[10, 7],
    ),
    (
        1_048_576,
        "0x07d6d2f56e47dbac4f6b7c87aa5b6027cb79d051d581660b64ff17342e36659c",
        4_096,
        &[12],
    ),
    (
        5_000_000,
        "0xddfb847acee6a8bea3ab6e2741b6d0a62adc53f682ea3a5ed0446d52a87acd99",
        20_480,
        &[14, 12],
    ),
    (
        5_242_880,
        "0xefddfd473a0ce2f0e7fd455c8c67e036b7c9016afdb9ce305b0e0e83fc013ea9",
        20_480,
        &[14, 12],
    ),
];

#[test]
fn recorded_files_have_the_roots_and_nodes_of_the_typescript_sdk() {
    for (size, root, sectors, heights) in KNOWN {
        let file = recorded(size);
        assert_eq!(root_of(&file).unwrap().to_string(), root, "{size} bytes");
        let tree = SegmentTree::of(&file).unwrap();
        assert_eq!(tree.root().to_string(), root, "{size} bytes");
        let submission = tree.submission();
        assert_eq!(submission.layout().sectors(), sectors, "{size} bytes");
        let found: Vec<u8> = submission
            .subtrees()
            .iter()
            .map(|node| node.height)
            .collect();
        assert_eq!(found, heights, "{size} bytes");
    }
}

#[test]
fn an_empty_file_has_no_root() {
    assert_eq!(root_of(b""), Err(EmptyFile));
    assert_eq!(SegmentTree::of(b""), Err(EmptyFile));
    let mut hasher = Hasher::new();
    hasher.update(b"");
    assert_eq!(hasher.finish(), Err(EmptyFile));
    assert_eq!(EmptyFile.to_string(), "an empty file has no root");
}
