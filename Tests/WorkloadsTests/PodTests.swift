import Foundation
import Testing

@testable import Workloads

private func json(_ text: String) -> JSON { JSON(bytes: Array(text.utf8)) ?? JSON(nil) }

private func token(_ claims: String) -> String {
    let payload = Data(claims.utf8).base64EncodedString()
        .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    return "e30.\(payload).c2ln"
}

@Suite struct PodTests {
    private static let uid = "4cf9ae5c-0b6d-4c7e-9a57-0a5f0d6a1c11"

    static let list = """
        {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": [
          {"metadata": {"name": "web-7d9f8b6c5-x7k2p", "namespace": "shop", "uid": "\(uid)",
             "labels": {"app": "web", "pod-template-hash": "7d9f8b6c5"},
             "ownerReferences": [{"kind": "ReplicaSet", "name": "web-7d9f8b6c5", "uid": "r-1", "controller": true}]},
           "spec": {"nodeName": "n-1", "serviceAccountName": "front", "newer": {"than": ["this"]}},
           "status": {"containerStatuses": [{"name": "web", "image": "nginx:1", "imageID": "nginx@sha256:1",
                                             "containerID": "containerd://c-1"}, {"name": "waits", "image": "proxy:2"}],
                      "initContainerStatuses": [{"name": "setup", "image": "setup:1"}]}},
          {"metadata": {"name": "proxy-n-1", "namespace": "kube-system", "uid": "mirror",
             "annotations": {"kubernetes.io/config.hash": "static"},
             "ownerReferences": [{"kind": "Node", "name": "n-1"}]}},
          {"metadata": {"name": 7}}, null, "x"]}
        """

    @Test func listOfAKubelet() throws {
        let list = try #require(PodList(json(Self.list)))
        #expect(list.count == 2)
        let pod = try #require(list.pod(uid: Self.uid, namespace: "shop", name: "web-7d9f8b6c5-x7k2p"))
        #expect(pod.serviceAccount == "front" && pod.node == "n-1" && pod.labels["app"] == "web")
        #expect(KubernetesOwner(pod) == KubernetesOwner(pod: "web-7d9f8b6c5-x7k2p"))
        #expect(list.pod(uid: Self.uid, namespace: "other", name: "web-7d9f8b6c5-x7k2p") == nil)
        #expect(list.pod(uid: Self.uid, namespace: "shop", name: "another") == nil)
        #expect(list.pod(uid: "static", namespace: "kube-system", name: "proxy-n-1") != nil)
        #expect(
            pod.members == [
                Pod.Member(id: "c-1", images: ["nginx:1", "nginx@sha256:1"]), Pod.Member(id: nil, images: ["proxy:2"]),
                Pod.Member(id: nil, images: ["setup:1"], isInit: true),
            ])
        #expect(list.pod(uid: "static", namespace: "kube-system", name: "proxy-n-1")?.members == nil)
        let stale = list.stale(since: 5).pod(uid: Self.uid, namespace: "shop", name: "web-7d9f8b6c5-x7k2p")
        #expect(stale?.staleSince == 5 && pod.staleSince == nil)
    }

    @Test(arguments: ["{}", "[]", #"{"kind": "Status", "code": 401}"#, #"{"kind": "PodList"}"#])
    func whatIsNoListIsNone(_ text: String) { #expect(PodList(json(text)) == nil) }

    @Test(arguments: [
        ("ReplicaSet", "web-7d9f8b6c5", "deployment/web"), ("ReplicaSet", "bare", "replicaset/bare"),
        ("Job", "report-28401120", "cronjob/report"), ("Job", "migrate", "job/migrate"),
        ("StatefulSet", "db", "statefulset/db"), ("DaemonSet", "logs", "daemonset/logs"),
        ("CloneSet", "odd", "cloneset/odd"), ("Node", "n-1", nil),
    ])
    func owner(_ kind: String, _ name: String, _ folded: String?) {
        let pod = Pod(
            namespace: "n", name: "p", labels: ["pod-template-hash": "7d9f8b6c5"],
            owners: [Pod.Owner(kind: kind, name: name)])
        #expect(KubernetesOwner(pod).map { "\($0.kind)/\($0.name)" } == folded)
    }

    struct TokenCase: CustomTestStringConvertible {
        var testDescription: String
        var content: String
        var account: String?
    }

    @Test(arguments: [
        TokenCase(
            testDescription: "of this pod",
            content: token(
                #"{"kubernetes.io":{"namespace":"shop","pod":{"name":"p","uid":"\#(uid)"},"serviceaccount":{"name":"front"}}}"#
            ), account: "front"),
        TokenCase(
            testDescription: "of another pod",
            content: token(
                #"{"kubernetes.io":{"namespace":"shop","pod":{"uid":"other"},"serviceaccount":{"name":"admin"}}}"#)),
        TokenCase(
            testDescription: "of another namespace",
            content: token(
                #"{"kubernetes.io":{"namespace":"kube-system","pod":{"uid":"\#(uid)"},"serviceaccount":{"name":"a"}}}"#)
        ),
        TokenCase(testDescription: "no token", content: "hello"),
        TokenCase(testDescription: "not base64", content: "a.!!!!.c"),
        TokenCase(testDescription: "not JSON", content: "a.aGVsbG8.c"),
        TokenCase(testDescription: "empty", content: ""),
        TokenCase(testDescription: "huge", content: String(repeating: "x.", count: 100_000)),
    ])
    func serviceAccount(_ test: TokenCase) throws {
        let node = try Node()
        let volume = "/kubelet/pods/\(Self.uid)/volumes/kubernetes.io~projected/kube-api-access-x"
        try node.write(volume + "/token", test.content)
        try node.write("/kubelet/pods/\(Self.uid)/volumes/kubernetes.io~projected/bundle/ca.pem", "x")
        // What the kubelet mounts says where it keeps its pods.
        let mounts = json(
            """
            [{"destination": "/data", "source": "/elsewhere/pods/\(Self.uid)/volumes/x"}, {"destination": "/proc"},
             {"destination": "/etc/hosts", "source": "\(node.root)/kubelet/pods/\(Self.uid)/etc-hosts"}]
            """)
        let directory = try #require(ServiceAccount.directory(uid: Self.uid, mounts: mounts))
        #expect(directory == node.root + "/kubelet/pods/" + Self.uid)
        #expect(ServiceAccount.name(uid: Self.uid, namespace: "shop", directory: directory) == test.account)
    }

    @Test(arguments: ["", "../../etc", "a/b", String(repeating: "a", count: 500), "A", "\0"])
    func aUidThatIsNoneLeadsNowhere(_ uid: String) {
        #expect(ServiceAccount.directory(uid: uid, mounts: JSON(nil)) == nil)
    }
}
