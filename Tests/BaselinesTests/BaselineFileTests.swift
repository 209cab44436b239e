import Events
import Foundation
import Testing

@testable import Baselines

let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/baselines").path

private func file(spec: String = "  {}", metadata: String = "  workload: oci/web", tail: String = "") -> String {
    "apiVersion: driftwatch/v1\nkind: Baseline\nmetadata:\n\(metadata)\nspec:\n\(spec)\n\(tail)"
}

struct Refused: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    var line: Int?
    var says: String
    var testDescription: String { name }
}

@Suite struct BaselineFileTests {
    /// What has the name of a baseline but is none costs itself, not the one beside it, and makes nobody wait.
    @Test func whatIsNoFile() throws {
        let directory = temporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory + "/directory.yaml", withIntermediateDirectories: true)
        mkfifo(directory + "/pipe.yaml", 0o600)
        symlink("loop.yaml", directory + "/loop.yaml")
        symlink("nowhere", directory + "/dangling.yaml")
        symlink("/dev/zero", directory + "/endless.yaml")
        let sparse = open(directory + "/sparse.yaml", O_CREAT | O_WRONLY, 0o600)
        ftruncate(sparse, 1 << 30)
        close(sparse)
        let good = "apiVersion: driftwatch/v1\nkind: Baseline\nmetadata: {workload: w}\nspec: {}\n"
        try Data(good.utf8).write(to: URL(filePath: directory + "/good.yaml"))
        let loaded = BaselineFile.load(path: directory)
        #expect(loaded.documents.map(\.baseline.key.workload) == ["w"])
        #expect(
            loaded.refusals.map { ($0.file as NSString).lastPathComponent }.sorted()
                == ["dangling.yaml", "endless.yaml", "loop.yaml", "pipe.yaml", "sparse.yaml"])
    }

    @Test func theContractsSampleIsReadAndWrittenAsItStands() throws {
        let text = try String(contentsOfFile: fixtures + "/good/contract.yaml", encoding: .utf8)
        let document = try #require(try BaselineFile.parse(text, file: "contract.yaml").first)
        let written = BaselineWriter.file(document.baseline)
        // Canonical order puts dash before nginx; the rest is as written, but for the comment.
        let expected = text.replacing("            # learning | candidate | armed", with: "")
            .replacing(
                """
                    - {exe: /usr/sbin/nginx, parent: /docker-entrypoint.sh}
                    - {exe: /bin/dash, parent: /usr/sbin/nginx, args: [sh, -c, "logrotate *"]}
                """,
                with: """
                        - {exe: /bin/dash, parent: /usr/sbin/nginx, args: [sh, -c, "logrotate *"]}
                        - {exe: /usr/sbin/nginx, parent: /docker-entrypoint.sh}
                    """
            )
            .replacing(
                "    - {exe: /usr/sbin/nginx, domain: api.internal, port: 443, transport: tcp}\n    - {exe: /usr/sbin/nginx, cidr: 10.2.0.0/16, port: 5432, transport: tcp}",
                with:
                    "    - {exe: /usr/sbin/nginx, cidr: 10.2.0.0/16, port: 5432, transport: tcp}\n    - {exe: /usr/sbin/nginx, domain: api.internal, port: 443, transport: tcp}"
            )
        #expect(sortedLines(written) == sortedLines(expected))
        #expect(try BaselineFile.parse(written, file: "again").first?.baseline == withCanonicalSpec(document.baseline))
        #expect(
            BaselineWriter.file(try #require(try BaselineFile.parse(written, file: "again").first).baseline) == written)
    }

    private func sortedLines(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.sorted()
    }

    private func withCanonicalSpec(_ baseline: Baseline) -> Baseline {
        var baseline = baseline
        baseline.spec = baseline.spec.canonical
        return baseline
    }

    @Test func severalDocumentsAndAnEmptyLastOne() throws {
        let documents = try BaselineFile.read(fixtures + "/good/two.yaml")
        #expect(documents.map(\.baseline.key.workload) == ["unit/a.service", "unit/b.service"])
        #expect(
            documents[1].baseline.spec.listen == [ListenEntry(executable: "*", ports: 32768...60999, transport: .udp)])
        #expect(documents[1].lines.listen == [11])
    }

    @Test func oneBadFileStopsNoOther() {
        let (documents, refusals) = BaselineFile.load(path: fixtures)
        #expect(documents.count == 3)
        #expect(
            refusals.map(\.description) == [
                fixtures + "/bad/unknown-key.yaml:7:31: unknown key \"acess\" in an entry of open; is access meant?"
            ])
    }

    static let refused: [Refused] = [
        Refused(
            name: "future version", text: "apiVersion: driftwatch/v2\nkind: Baseline\nwhat: ever\n", line: 1,
            says: "driftwatch/v2"),
        Refused(
            name: "other kind", text: "apiVersion: driftwatch/v1\nkind: Pod\n", line: 2, says: "kind must be Baseline"),
        Refused(name: "empty", text: "", line: 1, says: "holds no baseline"),
        Refused(name: "only a comment", text: "# nothing\n", line: 1, says: "holds no baseline"),
        Refused(name: "a list", text: "- a\n", line: 1, says: "must be a mapping"),
        Refused(name: "no workload", text: file(metadata: "  image: a"), line: 4, says: "workload is missing"),
        Refused(name: "workload a number", text: file(metadata: "  workload: 5"), line: 4, says: "must be text"),
        Refused(name: "workload a truth", text: file(metadata: "  workload: true"), line: 4, says: "must be text"),
        Refused(
            name: "no spec", text: "apiVersion: driftwatch/v1\nkind: Baseline\nmetadata: {workload: a}\n", line: 1,
            says: "spec is missing"),
        Refused(name: "unknown top key", text: file(tail: "extra: 1\n"), line: 7, says: "unknown key \"extra\""),
        Refused(name: "spec a list", text: file(spec: "  - a"), line: 6, says: "spec must be a mapping"),
        Refused(name: "exec a mapping", text: file(spec: "  exec: {exe: /a}"), line: 6, says: "must be a list"),
        Refused(name: "no exe", text: file(spec: "  exec:\n    - {parent: /a}"), line: 7, says: "exe is missing"),
        Refused(
            name: "relative exe", text: file(spec: "  exec:\n    - {exe: bin/a}"), line: 7, says: "must be absolute"),
        Refused(name: "three stars", text: file(spec: "  exec:\n    - {exe: /bin/***}"), line: 7, says: "bad glob"),
        Refused(
            name: "stars within a segment",
            text: file(spec: "  open:\n    - {exe: /a, path: /etc/a**, access: [read]}"), line: 7,
            says: "** must be a whole segment"),
        Refused(
            name: "lone backslash", text: file(spec: "  open:\n    - {exe: /a, path: '/etc/a\\', access: [read]}"),
            line: 7, says: "lone backslash"),
        Refused(
            name: "unquoted star", text: file(spec: "  exec:\n    - {exe: *, parent: /a}"), line: 7,
            says: "must be quoted"),
        Refused(
            name: "alias", text: file(spec: "  exec:\n    - {exe: *abc, parent: /a}"), line: 7, says: "must be quoted"),
        Refused(name: "anchor", text: file(spec: "  exec: &x\n    - {exe: /a}"), line: 6, says: "anchors"),
        Refused(
            name: "deep nesting", text: file(spec: "  exec: " + String(repeating: "[", count: 5000)), line: 6,
            says: "nested"),
        Refused(
            name: "deep dashes", text: file(spec: "  exec:\n    " + String(repeating: "- ", count: 5000)), line: 7,
            says: "nested"),
        Refused(
            name: "args text", text: file(spec: "  exec:\n    - {exe: /a, args: sh}"), line: 7,
            says: "args must be a list"),
        Refused(
            name: "port text", text: file(spec: "  listen:\n    - {exe: /a, port: http, transport: tcp}"), line: 7,
            says: "port must be"),
        Refused(
            name: "port too high", text: file(spec: "  listen:\n    - {exe: /a, port: 65536, transport: tcp}"), line: 7,
            says: "port must be"),
        Refused(
            name: "range reversed", text: file(spec: "  listen:\n    - {exe: /a, port: 9-3, transport: tcp}"), line: 7,
            says: "port must be"),
        Refused(
            name: "transport", text: file(spec: "  listen:\n    - {exe: /a, port: 9, transport: tpc}"), line: 7,
            says: "transport must be"),
        Refused(
            name: "cidr", text: file(spec: "  connect:\n    - {exe: /a, cidr: 10.0.0.0/33, port: 1, transport: tcp}"),
            line: 7, says: "cidr must be"),
        Refused(
            name: "class", text: file(spec: "  connect:\n    - {exe: /a, class: multicast, port: 1}"), line: 7,
            says: "class must be loopback, link-local, private or public"),
        Refused(
            name: "breadth", text: file(spec: "  connect:\n    - {exe: /a, class: public, port: 1, breadth: 0}"),
            line: 7, says: "breadth must be"),
        Refused(
            name: "two destinations",
            text: file(spec: "  connect:\n    - {exe: /a, cidr: 10.0.0.0/8, domain: a, port: 1}"), line: 7,
            says: "exactly one"),
        Refused(
            name: "no destination", text: file(spec: "  connect:\n    - {exe: /a, transport: tcp}"), line: 7,
            says: "exactly one"),
        Refused(
            name: "port of a socket", text: file(spec: "  connect:\n    - {exe: /a, port: 1, transport: raw}"), line: 7,
            says: "has no port"),
        Refused(
            name: "access text", text: file(spec: "  open:\n    - {exe: /a, path: /b, access: read}"), line: 7,
            says: "access must be a list"),
        Refused(
            name: "access unknown", text: file(spec: "  open:\n    - {exe: /a, path: /b, access: [reed]}"), line: 7,
            says: "access must be out of"),
        Refused(
            name: "access missing", text: file(spec: "  open:\n    - {exe: /a, path: /b}"), line: 7,
            says: "needs access"),
        Refused(name: "key twice", text: file(spec: "  open: []\n  open: []"), line: 7, says: "twice"),
        Refused(
            name: "key twice in an entry", text: file(spec: "  exec:\n    - {exe: /a, exe: /b}"), line: 7, says: "twice"
        ),
        Refused(name: "state", text: file(tail: "status: {state: armored}\n"), line: 7, says: "status.state"),
        Refused(name: "completeness", text: file(tail: "status: {completeness: 2}\n"), line: 7, says: "from 0 to 1"),
        Refused(
            name: "a count beyond all counts", text: file(tail: "status: {instances: 9223372036854775807}\n"), line: 7,
            says: "whole number from 0"),
        Refused(name: "time", text: file(tail: "status: {learnedFrom: yesterday}\n"), line: 7, says: "must be a time"),
        Refused(name: "unclosed", text: file(spec: "  exec: [{exe: /a"), line: nil, says: "is not YAML"),
        Refused(name: "tab", text: file(spec: "\texec: []"), line: 6, says: "is not YAML"),
        Refused(name: "binary", text: file(metadata: "  workload: !!binary aGk="), line: 4, says: "tag"),
        Refused(name: "another tag", text: file(spec: "  exec: !set []"), line: 6, says: "tag"),
        Refused(name: "a tag of one's own", text: file(metadata: "  workload: !mine a"), line: 4, says: "tag"),
        Refused(
            name: "anchor behind a quote in a block",
            text: file(metadata: "  workload: |\n    \"\n  image: &a b\n  digest: *a"), line: 6, says: "anchors"),
        Refused(name: "merge key", text: file(spec: "  <<: {exec: []}"), line: 6, says: "unknown key \"<<\""),
        Refused(name: "key that is a list", text: file(spec: "  ? [exec]\n  : []"), line: 6, says: "must be a word"),
        Refused(name: "undefined alias", text: file(spec: "  exec: *x"), line: 6, says: "must be quoted"),
        Refused(
            name: "deep mappings", text: file(spec: "  exec: " + String(repeating: "{a: ", count: 5000)), line: 6,
            says: "nested"),
        Refused(
            name: "deep blocks",
            text: file(
                spec: (0..<200).map { String(repeating: " ", count: $0 + 2) + "a:" }
                    .joined(separator: "\n")), line: nil, says: "nested"),
        Refused(
            name: "deep, but not YAML", text: file(spec: "  exec: " + String(repeating: "[", count: 20)), line: nil,
            says: "is not YAML"),
        Refused(
            name: "huge word", text: file(metadata: "  workload: [\(String(repeating: "x", count: 1 << 20))]"), line: 4,
            says: "must be a single value"),
        Refused(
            name: "huge unknown key", text: file(spec: "  ? \(String(repeating: "x", count: 1 << 20))\n  : []"),
            line: 6,
            says: "unknown key \"xxx"),
        Refused(name: "metadata nothing", text: file(metadata: "  "), line: 3, says: "metadata must be a mapping"),
        Refused(
            name: "metadata text", text: file().replacing("\n  workload: oci/web", with: " x"), line: 3, says: "mapping"
        ),
        Refused(name: "an entry text", text: file(spec: "  exec:\n    - /bin/a"), line: 7, says: "must be a mapping"),
        Refused(name: "an entry nothing", text: file(spec: "  exec:\n    -"), line: 7, says: "must be a mapping"),
        Refused(name: "exe a list", text: file(spec: "  exec:\n    - {exe: [/a]}"), line: 7, says: "a single value"),
        Refused(name: "exe nothing", text: file(spec: "  exec:\n    - {exe: }"), line: 7, says: "not nothing"),
        Refused(
            name: "args a mapping", text: file(spec: "  exec:\n    - {exe: /a, args: [{a: b}]}"), line: 7,
            says: "single"),
        Refused(
            name: "coverage negative", text: file(tail: "status: {coverage: {lost: -1}}\n"), line: 7, says: "whole"),
        Refused(name: "instances not whole", text: file(tail: "status: {instances: 1.5}\n"), line: 7, says: "whole"),
        Refused(
            name: "completeness no number", text: file(tail: "status: {completeness: .nan}\n"), line: 7, says: "0 to 1"),
        Refused(
            name: "no such day", text: file(tail: "status: {learnedFrom: 2026-02-30T00:00:00Z}\n"), line: 7,
            says: "time"),
        Refused(name: "NUL", text: file(metadata: "  workload: a\u{0}b"), line: 4, says: "is not YAML"),
        Refused(name: "second document", text: file() + "---\n- a\n", line: 8, says: "must be a mapping"),
        Refused(name: "control character", text: file(metadata: "  workload: a\u{1}b"), line: 4, says: "is not YAML"),
    ]

    @Test(arguments: refused) func isRefusedWithPlaceAndReason(_ refused: Refused) throws {
        let refusal = try #require(throws: FileRefusal.self) {
            try BaselineFile.parse(refused.text, file: "f.yaml")
        }
        #expect(refusal.reason.contains(refused.says), "\(refusal)")
        if let line = refused.line { #expect(refusal.line == line, "\(refusal)") }
        #expect(!refusal.description.contains("\n"))
    }

    /// What editors and other systems leave in a file, and what is odd but means what it says.
    static let odd: [(name: String, text: String)] = [
        ("byte order mark", "\u{feff}" + file()),
        ("CRLF", file().replacing("\n", with: "\r\n")),
        ("no last newline", file(tail: "status: {}")),
        ("document marks", "---\n" + file() + "...\n"),
        ("directive", "%YAML 1.1\n---\n" + file()),
        ("comments", "# a\n" + file(spec: "  exec: # [{\n  # *a &b\n    []")),
        ("stars in a block", file(metadata: "  workload: oci/web\n  image: |-\n    *a &b [[[[ \"")),
        ("block for a path", file(spec: "  exec:\n    - exe: >-\n        /a\n      args:\n      - |-\n        \\*x\n")),
        ("standard tags", file(spec: "  exec: !!seq\n    - !!map {exe: !!str /a}")),
        ("nothing in lists", file(spec: "  exec:\n  open: ~\n  listen: null")),
    ]

    @Test(arguments: odd) func oddButGood(name: String, text: String) throws {
        let documents = try BaselineFile.parse(text, file: "f.yaml")
        #expect(documents.map(\.baseline.key.workload) == ["oci/web"])
    }

    @Test func invalidUTF8IsRefusedWithItsPlace() throws {
        let bytes = Array("apiVersion: driftwatch/v1\nkind: Base".utf8) + [0xff, 0x0a]
        let refusal = try #require(throws: FileRefusal.self) { try BaselineFile.parse(bytes, file: "f.yaml") }
        #expect(refusal.description == "f.yaml:2:11: is not UTF-8; save it as UTF-8")
    }

    @Test func tooLargeIsRefusedUnread() throws {
        let bytes = [UInt8](repeating: 0x20, count: BaselineFile.largest + 1)
        let refusal = try #require(throws: FileRefusal.self) { try BaselineFile.parse(bytes, file: "f.yaml") }
        #expect(refusal.reason.contains("16 MiB"))
    }

    @Test func anyStringComesBack() throws {
        var random = SplitMix(state: 7)
        let alphabet: [String] = [
            "*", "**", "\\", "\n", "\t", "\"", "'", ":", ": ", " #", "#", "-", "- ", "?", "{", "}", "[", "]", ",", "&",
            "!", "|", ">", "%", "@", "`",
            "a", "Z", "0", "1.5", "true", "null", "~", "é", "漢", "\u{1}", "\u{7f}", "\u{85}", "\u{a0}", "\u{2028}",
            "\u{feff}", "😀", "\u{202e}", "=", "<<",
            "\r", " ", "/", ".", "\u{e000}", "\u{0}", "e\u{301}",
        ]
        for round in 0..<2000 {
            let text = (0..<Int(random.next() % 6)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
                .joined()
            // The YAML library takes a byte order mark off the start of any scalar; see Volatile.word.
            if text.unicodeScalars.first == "\u{feff}" { continue }
            let entry = ExecEntry(
                executable: "/" + Glob.escape(text), parent: "/p" + Glob.escape(text),
                arguments: [Glob.escape(text), "x", Glob.escape(text)])
            let baseline = Baseline(
                key: BaselineKey(workload: "w" + text, digest: "d" + text), image: "i" + text,
                spec: BaselineSpec(exec: [entry]))
            let written = BaselineWriter.file(baseline)
            let read = try #require(
                try BaselineFile.parse(written, file: "round \(round)").first?.baseline, "\(text.debugDescription)")
            #expect(Array(read.key.workload.utf8) == Array(("w" + text).utf8))
            #expect(
                Array(read.spec.exec[0].arguments![0].utf8) == Array(Glob.escape(text).utf8), "\(text.debugDescription)"
            )
            #expect(read == baseline)
            #expect(
                BaselineIndex(read.spec).knows(
                    .exec(ExecBehaviour(executable: "/" + text, parent: "/p" + text, arguments: [text, "x", text]))),
                "\(text.debugDescription)")
        }
    }

    @Test(arguments: [
        "true", "no", "1", "1.5", "1e5", "0x1f", "1_000", "12:30:45", "2026-11-20", ".inf", "~", "null", "-", "--",
        "---", "...",
        "- a", "a: b", "a #b", "a:", "*a", "&a", "!a", "%a", "@a", "", " a", "a ", "=", "<<", "-1", "+1", "-c", "sh",
        "x=y", "::/0", "a\\b", "inf", "nan", "+inf", "-Infinity", "0x1p3",
    ]) func wordsThatYAMLWouldReadOtherwise(_ text: String) throws {
        let spec = BaselineSpec(exec: [ExecEntry(executable: "/a", arguments: [Glob.escape(text)])])
        let read = try BaselineFile.parseSpec(BaselineWriter.lists(spec))
        #expect(read == spec)
    }

    @Test func theChecksumIsOfWhatIsReviewed() {
        var baseline = Baseline(key: BaselineKey(workload: "a"))
        let before = baseline.checksum
        #expect(before.hasPrefix("sha256:") && before.utf8.count == 71)
        baseline.status.instances = 5
        #expect(baseline.checksum == before)
        baseline.spec.listen = [ListenEntry(executable: "/a", ports: 80...80, transport: .tcp)]
        #expect(baseline.checksum != before)
    }

    @Test(arguments: [
        ("2026-11-20T09:00:00Z", 1_795_165_200_000_000_000 as Int64), ("1970-01-01T00:00:00.5Z", 500_000_000),
        ("2026-11-20T10:00:00+01:00", 1_795_165_200_000_000_000),
    ]) func times(_ text: String, _ nanoseconds: Int64) {
        #expect(Timestamp.nanoseconds(text) == nanoseconds)
        #expect(Timestamp.nanoseconds(Timestamp.text(nanoseconds)) == nanoseconds)
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
