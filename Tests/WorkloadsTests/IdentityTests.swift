import Testing

@testable import Workloads

struct PathCase: CustomTestStringConvertible, Sendable {
    var path: String
    var id: String
    var testDescription: String { path }
}

@Suite struct IdentityTests {
    static let paths: [PathCase] = [
        PathCase(path: "/", id: "host"),
        PathCase(path: "/batch/job 1", id: "cgroup/batch/job 1"),
        PathCase(path: "/system.slice/cron.service", id: "unit/cron.service"),
        PathCase(path: "/system.slice/cron.service/worker/7", id: "unit/cron.service"),
        PathCase(path: "/system.slice/system-getty.slice/getty@tty1.service", id: "unit/getty@.service"),
        PathCase(path: "/system.slice/system-a\\x2db.slice/a-b@x\\x2dy.service", id: "unit/a-b@.service"),
        PathCase(path: "/init.scope", id: "unit/init.scope"),
        PathCase(path: "/machine.slice/backup.scope", id: "unit/backup.scope"),
        PathCase(path: "/system.slice/_cgroup.service", id: "unit/cgroup.service"),
        PathCase(path: "/user.slice/user-0.slice/session-3.scope", id: "user/root"),
        PathCase(path: "/user.slice/user-0.slice/user@0.service/app.slice/x.service", id: "user/root"),
        PathCase(path: "/user.slice/user-4000001.slice/user@4000001.service/init.scope", id: "user/4000001"),
        // A unit's name below something that is no slice is only a name.
        PathCase(path: "/jail/system.slice/sshd.service", id: "cgroup/jail/system.slice/sshd.service"),
        PathCase(
            path: "/jail/user.slice/user-0.slice/session-1.scope",
            id: "cgroup/jail/user.slice/user-0.slice/session-1.scope"),
        PathCase(path: "/system.slice/a.service/user.slice/user-0.slice/s.scope", id: "unit/a.service"),
        // Names of containers vouch for nothing.
        PathCase(
            path: "/docker/0cb2b55e9efa384e11e3a476d8498fb740241e9674472fa0dda573fe75884577",
            id: "cgroup/docker/0cb2b55e9efa384e11e3a476d8498fb740241e9674472fa0dda573fe75884577"),
        PathCase(
            path: "/machine.slice/libpod-conmon-\(String(repeating: "a1", count: 32)).scope",
            id: "unit/libpod-conmon.scope"),
        PathCase(path: "/system.slice", id: "cgroup/system.slice"),
    ]

    @Test(arguments: paths) func pathOfACgroup(_ item: PathCase) {
        let users = UserNames()
        #expect(Identity.workload(path: item.path, cgroup: 9, userName: users.name).id == item.id)
    }

    struct FactsCase: CustomTestStringConvertible, Sendable {
        var name: String
        var facts: ContainerFacts
        var id: String
        var kind: Workload.Kind
        var testDescription: String { name }
    }

    static let hex = "5fc3d651f27c36a3230acde7f89853bcce21f8dc9303ff837b20e9c59fbc6875"

    static func cri(_ pod: String, _ type: String = "container") -> ContainerFacts {
        ContainerFacts(
            id: hex, runtime: "containerd",
            annotations: [
                "io.kubernetes.cri.container-type": type, "io.kubernetes.cri.container-name": "app",
                "io.kubernetes.cri.sandbox-name": pod, "io.kubernetes.cri.sandbox-namespace": "shop",
                "io.kubernetes.cri.image-name": "docker.io/library/nginx:1.27",
            ])
    }

    static let containers: [FactsCase] = [
        FactsCase(
            name: "given name", facts: ContainerFacts(id: hex, runtime: "podman", name: "web"),
            id: "container/web", kind: .container),
        FactsCase(
            name: "made-up name",
            facts: ContainerFacts(id: hex, runtime: "docker", name: "laughing_heyrovsky", image: "nginx:1.27"),
            id: "image/nginx", kind: .image),
        FactsCase(
            name: "made-up name, registry with a port",
            facts: ContainerFacts(
                id: hex, runtime: "podman", name: "crazy_hugle3", image: "reg.io:5000/a/b:2@sha256:00"),
            id: "image/reg.io:5000/a/b", kind: .image),
        FactsCase(
            name: "made-up name, image by id",
            facts: ContainerFacts(id: hex, runtime: "podman", name: "crazy_hugle", image: hex),
            id: "image/5fc3d651f27c", kind: .image),
        FactsCase(
            name: "made-up name, no image known",
            facts: ContainerFacts(id: hex, runtime: "podman", name: "crazy_hugle", digests: ["sha256:" + hex]),
            id: "image/5fc3d651f27c", kind: .image),
        FactsCase(name: "bare runtime", facts: ContainerFacts(id: "web", runtime: "crun"), id: "oci/web", kind: .oci),
        FactsCase(
            name: "override by annotation of a bare runtime",
            facts: ContainerFacts(id: "web", runtime: "runc", annotations: ["driftwatch.workload": "team/shop"]),
            id: "team/shop", kind: .oci),
        FactsCase(
            name: "override by label",
            facts: ContainerFacts(id: hex, runtime: "docker", name: "x", labels: ["driftwatch.workload": "shop"]),
            id: "shop", kind: .container),
        FactsCase(
            name: "override that no glob could match",
            facts: ContainerFacts(id: hex, runtime: "docker", name: "x", labels: ["driftwatch.workload": "a//\n"]),
            id: "container/x", kind: .container),
        FactsCase(
            name: "docker compose",
            facts: ContainerFacts(
                id: hex, runtime: "docker", name: "shop-db-1",
                labels: ["com.docker.compose.project": "shop", "com.docker.compose.service": "db"]),
            id: "compose/shop/db", kind: .compose),
        FactsCase(
            name: "podman-compose",
            facts: ContainerFacts(
                id: hex, runtime: "podman", name: "shop_db_1",
                labels: ["io.podman.compose.project": "shop", "com.docker.compose.service": "db"]),
            id: "compose/shop/db", kind: .compose),
        FactsCase(
            name: "deployment", facts: cri("web-6d4cf56db6-x9bqz"), id: "k8s/shop/deployment/web/app", kind: .k8s),
        FactsCase(name: "bare pod", facts: cri("web"), id: "k8s/shop/pod/web/app", kind: .k8s),
        FactsCase(
            name: "sandbox", facts: cri("web-6d4cf56db6-x9bqz", "sandbox"),
            id: "k8s/shop/deployment/web/POD", kind: .k8s),
        FactsCase(
            name: "kubelet's labels",
            facts: ContainerFacts(
                id: hex, runtime: "cri-o",
                annotations: [
                    "io.kubernetes.pod.name": "db-0", "io.kubernetes.pod.namespace": "shop",
                    "io.kubernetes.container.name": "pg",
                ]),
            id: "k8s/shop/statefulset/db/pg", kind: .k8s),
        FactsCase(
            name: "podman's annotations are not Kubernetes",
            facts: ContainerFacts(
                id: hex, runtime: "podman", name: "web",
                annotations: ["io.kubernetes.cri-o.Created": "2026-11-21T08:48:24Z"]),
            id: "container/web", kind: .container),
    ]

    @Test(arguments: containers) func container(_ item: FactsCase) {
        let workload = Identity.workload(item.facts)
        #expect(workload.id == item.id)
        #expect(workload.kind == item.kind)
        #expect(workload.instance == item.facts.id)
    }

    @Test func imageAndDigest() {
        let workload = Identity.workload(
            ContainerFacts(
                id: "x", runtime: "podman", name: "web", image: "localhost/web:1.2",
                digests: ["sha256:aa", "sha256:bb"]))
        #expect(workload.digest == "sha256:aa")
        var image = Image(name: "localhost/web", tag: "1.2", digests: ["sha256:aa", "sha256:bb"])
        image.given = "localhost/web:1.2"
        #expect(workload.container?.image == image)
    }

    @Test(arguments: [
        ("web-6d4cf56db6-x9bqz", "deployment", "web"),
        ("my-web-app-7c5ddbdf54-2xkqv", "deployment", "my-web-app"),
        ("backup-29384710-x9bqz", "cronjob", "backup"),
        ("backup-1700000000-x9bqz", "cronjob", "backup"),
        ("node-exporter-x9bqz", "daemonset", "node-exporter"),
        ("db-0", "statefulset", "db"), ("db-main-12", "statefulset", "db-main"),
        ("kube-proxy", "pod", "kube-proxy"), ("web", "pod", "web"), ("etcd-node1", "pod", "etcd-node1"),
        // Vowels never occur in what a controller makes up.
        ("web-aeiou", "pod", "web-aeiou"), ("web-release-x9bqz", "daemonset", "web-release"),
        ("", "pod", ""), ("-x9bqz", "daemonset", ""),
    ]) func ownerByName(_ pod: String, _ kind: String, _ name: String) {
        let owner = KubernetesOwner(pod: pod)
        #expect(owner.kind == kind)
        #expect(owner.name == name)
    }

    @Test func ownerByLabel() {
        let job = KubernetesOwner(pod: "backup-29384710-x9bqz", labels: ["job-name": "backup-29384710"])
        #expect(job.kind == "cronjob" && job.name == "backup")
        let bare = KubernetesOwner(pod: "import-x9bqz", labels: ["batch.kubernetes.io/job-name": "import"])
        #expect(bare.kind == "job" && bare.name == "import")
        let short = KubernetesOwner(pod: "web-56-x9bqz", labels: ["pod-template-hash": "56"])
        #expect(short.kind == "deployment" && short.name == "web")
    }

    @Test(arguments: [
        ("crazy_hugle", true), ("laughing_heyrovsky", true), ("zen_zhukovsky7", true), ("crazy_hugle12", false),
        ("web", false), ("crazy_web", false), ("my_turing", false), ("crazy", false), ("_turing", false),
        ("zen_", false),
        ("crazy_hugle_1", false), ("Crazy_Hugle", false),
    ]) func madeUpName(_ name: String, _ expected: Bool) {
        #expect(MadeUpName.matches(name) == expected)
    }

    @Test(
        arguments: [
            ("nginx", "nginx", nil, nil), ("nginx:1.27", "nginx", "1.27", nil),
            ("localhost:5000/a", "localhost:5000/a", nil, nil), ("localhost:5000/a:b", "localhost:5000/a", "b", nil),
            ("a/b@sha256:00", "a/b", nil, "sha256:00"), ("a/b:c@sha256:00", "a/b", "c", "sha256:00"),
        ] as [(String, String, String?, String?)])
    func imageReference(_ text: String, _ name: String, _ tag: String?, _ digest: String?) {
        let parsed = ImageReference.parse(text)
        #expect(parsed.name == name && parsed.tag == tag && parsed.digest == digest)
    }
}
