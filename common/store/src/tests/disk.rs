use super::*;
use crate::StoreError;
use crate::layout::{self, generation};
use crate::manifest::Stage;
use std::fs;
use std::thread;

#[test]
fn the_directory_agrees_with_the_map_after_every_move() {
    let mut bench = Bench::on_disk("");
    for (moves, kept) in
        [("s", vec![1]), ("i", vec![2]), ("Sr", vec![2, 4]), ("K", vec![2, 5]), ("bSI", vec![7])]
    {
        bench.play(moves);
        assert_eq!(bench.kept(), kept, "{moves}");
        let mut found: Vec<_> = fs::read_dir(bench.store().path().join("generations"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        found.sort();
        assert_eq!(found, kept.into_iter().map(generation).collect::<Vec<_>>(), "{moves}");
    }
}

#[test]
fn a_file_that_changed_vanished_or_was_swapped_is_damage_by_name() {
    let bench = Bench::on_disk("siS");
    let at =
        |number, name: &str| bench.store().path().join("generations").join(generation(number)).join(name);
    let names = |stage| [layout::files(stage), vec![layout::MANIFEST.to_owned()]].concat();
    let all = names(Stage::Staged).into_iter().map(|name| at(3, &name));
    for path in all.chain(names(Stage::Installed).into_iter().map(|name| at(2, &name))) {
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        let longer = [&good[..], b"\n"].concat();
        for bytes in [&bad[..], &good[..good.len() - 1], b"", &longer] {
            fs::write(&path, bytes).unwrap();
            let error = bench.store().read().unwrap_err();
            assert!(
                matches!(&error, StoreError::Damaged { what } if what.starts_with(path.to_str().unwrap())),
                "{error}"
            );
        }
        fs::remove_file(&path).unwrap();
        let error = bench.store().read().unwrap_err().to_string();
        assert!(error.ends_with(&format!("{}: missing", path.display())), "{error}");
        fs::write(&path, good).unwrap();
        rustix::fs::chmod(&path, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR).unwrap();
    }
    fs::rename(at(3, "main.key"), at(3, "x")).unwrap();
    fs::rename(at(3, "main.csr"), at(3, "main.key")).unwrap();
    fs::rename(at(3, "x"), at(3, "main.csr")).unwrap();
    assert!(bench.store().read().unwrap_err().to_string().contains("main.key: "));
}

#[test]
fn readers_never_see_half_a_rotation() {
    let mut bench = Bench::on_disk("si");
    let path = bench.store().path().to_owned();
    let done = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|scope| {
        let read = || {
            let store = crate::Store::at(&path);
            let (mut reads, mut last) = (0, 0);
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let snapshot = store.read().unwrap().unwrap();
                assert!(snapshot.state.sequence >= last && snapshot.current.is_some());
                (reads, last) = (reads + 1, snapshot.state.sequence);
            }
            reads
        };
        let readers = [scope.spawn(read), scope.spawn(read)];
        bench.play("SISISISISISI");
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().unwrap() > 0);
        }
    });
}
