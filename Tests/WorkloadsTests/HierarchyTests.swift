import Testing

@testable import Workloads

@Suite struct HierarchyTests {
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

    @Test func currentIsMounted() throws {
        let hierarchy = try Hierarchy.current()
        #expect(Files.exists(hierarchy.mountPoint + "/cgroup.procs"))
        #expect(hierarchy.cgroup(ofProcess: 1) != nil)
    }
}
