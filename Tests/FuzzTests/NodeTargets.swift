import Foundation

@testable import Workloads

/// A bbolt database, looked up as podman's and containerd's are.
func fuzzBolt(_ bytes: [UInt8]) {
    guard let bolt = Scratch.with(bytes, { Bolt(path: $0) }) else { return }
    _ = bolt.value(["ctr", "a", "config"])
    _ = bolt.texts(["ctr", "inline"])
    _ = bolt.texts(["v1", "default", "containers", "a", "labels"])
}

/// The files in which runtimes write what they run, one after the other with a NUL between.
func fuzzRuntimes(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0, omittingEmptySubsequences: false)
    let top = Scratch.directory
    for (name, part) in zip(Scratch.stateFiles, parts) { Scratch.write(Array(part), "\(top)/\(name)") }
    for name in Scratch.stateFiles.dropFirst(parts.count) { unlink("\(top)/\(name)") }
    var roots = RuntimeRoots.none
    roots.crun = ["\(top)/crun"]
    roots.runc = ["\(top)/runc"]
    roots.docker = ["\(top)/docker"]
    roots.containerd = ["\(top)/run": "\(top)/var"]
    let context = RuntimeContext(files: StateFiles { _ in }, roots: roots)
    var claims = Crun.claims(root: "\(top)/crun", context) + Runc.claims(root: "\(top)/runc", context)
    for bundle in [
        "\(top)/storage/overlay-containers/a/userdata", "\(top)/run/io.containerd.runtime.v2.task/default/a",
    ] {
        if let facts = context.facts(id: "a", bundle: bundle, tool: .runc) { claims.append(Claim(facts: facts)) }
    }
    if let facts = Docker.facts(id: "a", context) { claims.append(Claim(facts: facts)) }
    for claim in claims { _ = Identity.workload(claim.facts) }
}

/// /proc/self/mountinfo, /proc/PID/cgroup and /proc/PID/stat, with a NUL between; and a command line of a runtime.
func fuzzProc(_ bytes: [UInt8]) throws(Broken) {
    let texts = bytes.split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
    guard texts.count == 4 else { return }
    let hierarchy = Hierarchy(mountinfo: texts[0]) ?? Hierarchy(version: .v2, mountPoint: "/sys/fs/cgroup")
    if let path = hierarchy.cgroup(fromProc: texts[1]) {
        _ = hierarchy.directory(of: path)
        _ = Identity.workload(path: path, cgroup: 1, userName: { _ in nil })
    }
    _ = ProcessSnapshot.Stat(texts[2])
    let words = texts[3].split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
    let process = ProcessWords(executable: words[0], arguments: words, workingDirectory: "/w")
    _ = RuntimeCall(process)
    var roots = RuntimeRoots.none
    roots.learn(process)
    _ = ImageReference.parse(texts[3])
}

/// Files for what reads files: in memory, of this process alone.
enum Scratch {
    static let directory: String = {
        var template = Array("/dev/shm/driftwatch-fuzz-XXXXXX\0".utf8.map(CChar.init))
        let path = String(cString: mkdtemp(&template)!)
        atexit { _ = try? FileManager.default.removeItem(atPath: Scratch.directory) }
        for file in stateFiles {
            try? FileManager.default.createDirectory(
                atPath: ("\(path)/\(file)" as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        }
        return path
    }()

    static let stateFiles = [
        "crun/a/status", "crun/a/config.json", "runc/a/state.json", "storage/overlay-containers/containers.json",
        "storage/overlay-containers/a/userdata/config.json", "storage/overlay-images/images.json",
        "docker/containers/a/config.v2.json", "docker/image/overlay2/repositories.json",
        "run/io.containerd.runtime.v2.task/default/a/config.json",
    ]

    static func write(_ bytes: [UInt8], _ path: String) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(file) }
        _ = Glibc.write(file, bytes, bytes.count)
    }

    static func with<T>(_ bytes: [UInt8], _ body: (String) -> T) -> T {
        let path = directory + "/file"
        write(bytes, path)
        return body(path)
    }
}
