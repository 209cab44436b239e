/// A row of docs/identity.md: what is said of one container, by whom it was started; Tests/Support/runtimes.sh starts it.
struct Runtime: Sendable {
    enum Digest: String, Sendable {
        case manifest = "the manifest's"
        case image = "the image's"
    }

    /// As runtimes.sh calls it.
    let row: String
    let what: String
    let id: String
    var name: String?
    var image: String?
    var digest: Digest?
    var labels: [String: String] = [:]
    /// As whom it speaks to its cluster.
    var account: String?
    /// What runs in it, or somewhere below it.
    var program = ["/bin/sleep", "100"]
    var origin = "entrypoint"
    /// Whose word the identity is.
    let rests: String

    private static let web = "localhost/web:1.2"
    private static let pod = ["app.kubernetes.io/name": "shop", "io.kubernetes.pod.namespace": "shop"]

    static let all = [
        Runtime(
            row: "crun", what: "crun", id: "oci/driftwatch-table-crun",
            rests: "crun's `status`; the cgroup that the kernel saw crun make, as its bundle asks for"),
        Runtime(
            row: "runc", what: "runc", id: "oci/driftwatch-table-runc",
            rests: "runc's `state.json`; the cgroup that the kernel saw runc make, as its bundle asks for"),
        Runtime(
            row: "podman", what: "podman", id: "container/driftwatch-table-podman", name: "driftwatch-table-podman",
            image: web, digest: .manifest, labels: ["team": "a"],
            rests: "the same of the runtime below; name, image and labels from podman's storage, database and socket"),
        Runtime(
            row: "pod", what: "podman, in a pod", id: "container/driftwatch-table-member",
            name: "driftwatch-table-member", image: web, digest: .manifest, labels: ["team": "image"],
            rests: "as podman"),
        Runtime(
            row: "docker", what: "docker", id: "container/driftwatch-table-docker", name: "driftwatch-table-docker",
            image: web, digest: .image, labels: ["team": "b"],
            rests: "the same of runc; name, image and labels from docker's `config.v2.json` and socket"),
        Runtime(
            row: "compose", what: "docker, labelled by compose", id: "compose/table/db", name: "table-db-1",
            image: web, digest: .image, labels: ["com.docker.compose.service": "db", "team": "image"],
            rests: "as docker"),
        Runtime(
            row: "containerd", what: "containerd (`ctr run`)", id: "container/driftwatch-table-ctr",
            name: "driftwatch-table-ctr", image: web, digest: .manifest, labels: ["team": "c"],
            rests: "the same of runc; image and labels from containerd's metadata"),
        Runtime(
            row: "sandbox", what: "CRI, a pod's sandbox", id: "k8s/shop/deployment/shop/POD", name: "POD",
            image: "localhost/pause:1", digest: .manifest, labels: pod,
            rests: "the same of runc; the pod from the bundle's annotations, labels from containerd's metadata and CRI"),
        Runtime(
            row: "cri", what: "CRI, a container of a pod", id: "k8s/shop/deployment/shop/main", name: "main",
            image: web, digest: .manifest, labels: pod.merging(["team": "image"]) { $1 }, account: "front",
            rests: "as the sandbox; its service account from the token that the kubelet keeps for the pod"),
        Runtime(
            row: "nested", what: "podman in podman", id: "container/driftwatch-table-outer",
            name: "driftwatch-table-outer", program: ["/bin/sleep", "101"], origin: "child",
            rests: "the outer podman; what runs inside vouches for nothing"),
        Runtime(
            row: "systemd", what: "systemd in a container", id: "oci/box-systemd",
            program: ["/usr/bin/sleep", "102"], origin: "child",
            rests: "crun; units of the systemd inside are the container's"),
    ]

    static var table: String {
        var rows = [
            "| what runs | id | name | image | digest | labels | what it rests on |",
            "|---|---|---|---|---|---|---|",
        ]
        for one in all {
            let labels = one.labels.sorted { $0.key < $1.key }.map { "`\($0.key)=\($0.value)`" }
            rows.append(
                Document.row([
                    one.what, "`\(one.id)`", one.name.map { "`\($0)`" } ?? "-", one.image.map { "`\($0)`" } ?? "-",
                    one.digest?.rawValue ?? "-", labels.isEmpty ? "-" : labels.joined(separator: ", "), one.rests,
                ]))
        }
        return rows.joined(separator: "\n") + "\n"
    }
}
