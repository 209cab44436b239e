import Testing

@testable import Workloads

@Suite struct RuntimeCallTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var line: String
        var executable: String?
        var tool: RuntimeCall.Tool?
        var id = ""
        var bundle: String?
        var name: String?
        var root: String?
        var namespace: String?
        var testDescription: String { line }
    }

    static let cases: [Case] = [
        Case(line: "crun run web", tool: .crun, id: "web", bundle: "/work"),
        Case(
            line: "/usr/bin/crun --root /x run -d --pid-file p -b b web", tool: .crun, id: "web", bundle: "/work/b",
            root: "/x"),
        Case(
            line: "crun --systemd-cgroup --log=/l run --bundle=/b --console-socket /s web", tool: .crun, id: "web",
            bundle: "/b"),
        Case(line: "crun run -db /b web", tool: .crun, id: "web", bundle: "/b"),
        Case(line: "crun run -b/b web", tool: .crun, id: "web", bundle: "/b"),
        Case(line: "crun run -- web", tool: .crun, id: "web", bundle: "/work"),
        Case(line: "crun start web"),
        Case(line: "crun exec web sh"),
        Case(line: "crun run"),
        Case(
            line:
                "runc --root /run/r --log /l/log.json --log-format json create --bundle /b --pid-file /b/init.pid abc",
            tool: .runc, id: "abc", bundle: "/b", root: "/run/r"),
        Case(line: "runc --rootless true create --bundle /b abc", tool: .runc, id: "abc", bundle: "/b"),
        Case(line: "runc --debug run abc --bundle", tool: .runc, id: "abc", bundle: "/work"),
        Case(
            line: "crun run web", executable: "memfd:crun_cloned:/proc/self/exe", tool: .crun, id: "web",
            bundle: "/work"),
        Case(line: "crun run web", executable: "/tmp/evil"),
        Case(
            line:
                "conmon --api-version 1 -c 5fc3 -u 5fc3 -r /usr/bin/runc -b /s/overlay-containers/5fc3/userdata -p /pid -n web1 --exit-dir /e --full-attach -l k8s-file:/ctr.log",
            tool: .conmon, id: "5fc3", bundle: "/s/overlay-containers/5fc3/userdata", name: "web1"),
        Case(
            line: "/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id abc -address /run/c.sock",
            executable: "/usr/bin/containerd-shim-runc-v2", tool: .shim, id: "abc", bundle: "/work", namespace: "k8s.io"
        ),
        Case(line: "containerd-shim-runc-v2 -address /run/c.sock"),
        Case(line: "podman run web"),
        Case(line: "sh -c crun run web"),
    ]

    @Test(arguments: cases) func parse(_ item: Case) {
        let words = item.line.split(separator: " ").map(String.init)
        let call = RuntimeCall(
            ProcessWords(
                executable: item.executable ?? "/usr/bin/" + (words[0].split(separator: "/").last ?? ""),
                arguments: words, workingDirectory: "/work"))
        #expect(call?.tool == item.tool)
        guard item.tool != nil else { return }
        #expect(call?.id == item.id)
        #expect(call?.bundle == item.bundle)
        #expect(call?.name == item.name)
        #expect(call?.root == item.root)
        #expect(call?.namespace == item.namespace)
    }

    @Test(arguments: [
        ("/docker/0cb2", "/docker/0cb2"), ("w1", "/w1"), ("system.slice:docker:0cb2", "/docker-0cb2.scope"),
        (":libpod:5f", "/libpod-5f.scope"), ("a.slice::x", "/x.scope"), ("a.slice:p:sub.slice", "/sub.slice"),
        ("/a/./b/", "/a/b"), ("/", "/"),
    ]) func cgroupsPath(_ asked: String, _ expected: String) {
        #expect(Bundle.cgroupPath(asked: asked) == expected)
    }

    @Test(
        arguments: [
            ("docker-0cb2.scope", "0cb2"), ("libpod-5f.scope", "5f"), ("cri-containerd-a.scope", "a"),
            ("crun-web.scope", "web"),
            ("libpod-conmon-5f.scope", nil), ("session-1.scope", nil), ("docker-0cb2", nil), ("docker-.scope", nil),
        ] as [(String, String?)]) func scopes(_ name: String, _ id: String?)
    {
        #expect(SystemdUnit.containerID(scope: name[...]) == id)
    }

    @Test func unitFile() {
        let text = "[Unit]\nExecStart=/no\n[Service]\nType=simple\nExecStart=-@/usr/sbin/cron cron -f\n"
        #expect(SystemdUnit.command(unitFile: text) == "/usr/sbin/cron")
        #expect(SystemdUnit.command(unitFile: "[Service]\nExecStart=\"/a b/c\" -x\n") == "/a b/c")
        #expect(SystemdUnit.command(unitFile: "[Service]\nExecStart=${X} y\n") == nil)
    }
}
