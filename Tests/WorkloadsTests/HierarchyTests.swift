import Events
import Foundation
import Testing

@testable import Workloads

@Suite struct HierarchyTests {
    /// Deeper than a path may be long and than there may be descriptors; with names of 200 bytes and of one.
    @Test(arguments: [1, 200]) func aTreeThatIsTenThousandDeep(length: Int) throws {
        var template = Array("/dev/shm/driftwatch-deep-XXXXXX".utf8CString)
        let root = String(cString: mkdtemp(&template))
        let name = String(repeating: "d", count: length)
        var directory = open(root, O_RDONLY | O_DIRECTORY)
        var ids: [UInt64] = []
        for _ in 0..<10_000 {
            #expect(mkdirat(directory, name, 0o700) == 0 && mkdirat(directory, "side", 0o700) == 0)
            let next = openat(directory, name, O_RDONLY | O_DIRECTORY)
            close(directory)
            directory = next
            var status = stat()
            fstat(directory, &status)
            ids.append(UInt64(status.st_ino))
        }
        let tree = CgroupTree(Hierarchy(version: .v2, mountPoint: root))
        #expect(tree.ids.count == 20_001)
        #expect(tree.path(of: ids[1]) == "/\(name)/\(name)")
        #expect(tree.lineage(of: ids[9_999]).count == CgroupTree.depthLimit + 2)
        #expect(tree.lineage(of: ids[9_999]).contains(ids[2]))
        #expect(tree.path(of: ids[9_999]) == tree.path(of: ids[CgroupTree.depthLimit - 1]))
        #expect(tree.subtree(of: ids[5]).count == 2 * 9_994 + 1)
        // Upwards, since nothing that takes paths can remove it.
        for _ in ids {
            let above = openat(directory, "..", O_RDONLY | O_DIRECTORY)
            close(directory)
            directory = above
            unlinkat(directory, "side", AT_REMOVEDIR)
            unlinkat(directory, name, AT_REMOVEDIR)
        }
        close(directory)
        #expect(rmdir(root) == 0)
    }

    /// No news is believed that far: each is above another.
    @Test func aRingOfCgroups() throws {
        let node = try Node()
        let tree = node.resolver.tree
        let actor = Actor(process: .none, cgroup: 1, executable: ResolvedPath("/x"))
        for (id, parent) in [(100, 102), (101, 100), (102, 101), (103, 103)] as [(UInt64, UInt64)] {
            tree.change(CgroupChange(action: .made, time: 1, id: id, parent: parent, path: "/ring", actor: actor))
        }
        #expect(tree.lineage(of: 100).count <= CgroupTree.depthLimit + 2)
        #expect(tree.subtree(of: 100).count <= tree.ids.count + 3)
        #expect(node.who(node.open(Actor(process: .none, cgroup: 101, executable: ResolvedPath("/x")))) == "waiting")
        tree.change(CgroupChange(action: .renamed, time: 1, id: 100, parent: 102, path: "/round", actor: actor))
        #expect(node.resolver.settle() == [101])
    }

    static let hybrid = """
        23 1 254:0 / / rw,relatime - ext4 /dev/vda rw
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw
        """
    static let v2 = """
        23 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
        30 24 0:27 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate
        """
    static let v1 = """
        36 31 0:33 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:13 - cgroup cgroup rw,cpu,cpuacct
        37 31 0:34 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        38 31 0:35 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
        """
    static let odd = """
        31 23 0:28 /a\\040b /mnt/c\\040g\\134x rw,relatime master:1 propagate_from:2 - cgroup2 none rw
        short line
        32 23 0:29 / /x rw - \(String(repeating: " ", count: 3))
        """

    @Test func findsTheHierarchyThatIdentifies() {
        #expect(Hierarchy(mountinfo: Self.hybrid) == Hierarchy(version: .hybrid, mountPoint: "/sys/fs/cgroup/unified"))
        #expect(Hierarchy(mountinfo: Self.v2) == Hierarchy(version: .v2, mountPoint: "/sys/fs/cgroup"))
        #expect(
            Hierarchy(mountinfo: Self.v1)
                == Hierarchy(version: .v1, mountPoint: "/sys/fs/cgroup/memory", controller: "memory"))
        #expect(Hierarchy(mountinfo: Self.v1 + "\n" + Self.hybrid)?.version == .hybrid)
        #expect(
            Hierarchy(mountinfo: Self.odd) == Hierarchy(version: .v2, mountPoint: "/mnt/c g\\x", root: "/a b"))
        #expect(Hierarchy(mountinfo: "23 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n") == nil)
        #expect(Hierarchy(mountinfo: "") == nil)
    }

    @Test func prefersTheWholeTree() {
        let both = Self.v2 + "\n31 24 0:27 /part /other rw - cgroup2 none rw"
        #expect(Hierarchy(mountinfo: both)?.mountPoint == "/sys/fs/cgroup")
    }

    @Test func partialMount() {
        let part = Hierarchy(version: .v2, mountPoint: "/cg", root: "/a")
        #expect(part.directory(of: "/a") == "/cg")
        #expect(part.directory(of: "/a/b") == "/cg/b")
        #expect(part.directory(of: "/ab") == nil)
        #expect(Hierarchy(version: .v2, mountPoint: "/cg").directory(of: "/") == "/cg")
        #expect(Hierarchy(version: .v2, mountPoint: "/cg").directory(of: "/x") == "/cg/x")
    }

    @Test func cgroupOfAProcess() {
        let text = "9:name=systemd:/\n4:cpu,cpuacct:/c\n3:memory:/m:x\n0::/w 1 (deleted)\n"
        #expect(Hierarchy(version: .hybrid, mountPoint: "/").cgroup(fromProc: text) == "/w 1")
        #expect(Hierarchy(version: .v1, mountPoint: "/", controller: "memory").cgroup(fromProc: text) == "/m:x")
        #expect(Hierarchy(version: .v1, mountPoint: "/", controller: "cpuacct").cgroup(fromProc: text) == "/c")
        #expect(Hierarchy(version: .v1, mountPoint: "/", controller: "pids").cgroup(fromProc: text) == nil)
    }

    /// Names of any bytes stand in the tree as the kernel half's news would be decoded, and lead back to their directories.
    @Test(arguments: [
        ("space", Array("a b".utf8), "a b"), ("escape code", Array("\u{1b}[31m".utf8), "\u{1b}[31m"),
        ("UTF-8", Array("ü".utf8), "ü"), ("not UTF-8", [0x61, 0xff, 0x62], "aÿb"),
        ("half a character", [0xc3], "Ã"),
    ])
    func oddNames(_ name: String, _ bytes: [UInt8], _ text: String) throws {
        let top = FileManager.default.temporaryDirectory.path + "/driftwatch-odd-\(getpid())-\(name.hashValue)"
        defer { try? FileManager.default.removeItem(atPath: top) }
        try FileManager.default.createDirectory(atPath: top, withIntermediateDirectories: true)
        let outer = Array(top.utf8) + [UInt8(ascii: "/")] + bytes
        let inner = outer + Array("/in".utf8)
        defer { for path in [inner + Array("/cgroup.procs".utf8), inner, outer] { remove(Files.terminated(path)) } }
        for path in [outer, inner] { #expect(mkdir(Files.terminated(path), 0o700) == 0) }
        let file = open(Files.terminated(inner + Array("/cgroup.procs".utf8)), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        #expect(write(file, "17\n", 3) == 3)
        close(file)
        let tree = CgroupTree(Hierarchy(version: .v2, mountPoint: top))
        let found = try #require(tree.ids.first { tree.path(of: $0) == "/\(text)/in" }, "\(tree.ids.map(tree.path))")
        #expect(tree.processes(in: found) == [17])
        #expect(tree.lineage(of: found).map { tree.path(of: $0) } == ["/\(text)/in", "/\(text)", "/"])
    }

    @Test func currentIsMounted() throws {
        let hierarchy = try Hierarchy.current()
        #expect(Files.exists(hierarchy.mountPoint + "/cgroup.procs"))
        #expect(hierarchy.cgroup(ofProcess: 1) != nil)
    }
}
