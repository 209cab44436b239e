import Testing
import Workloads

@testable import Engines

/// What engines answer, also those of tomorrow and those that lie about types.
@Suite struct AnswerTests {
    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var document: String
        var name: String?
        var image: String?
        var labels: [String: String] = [:]
        var pid: UInt32?
    }

    static let cases = [
        Case(
            testDescription: "of today",
            document: #"{"Id":"a","Name":"/web","Config":{"Image":"nginx","Labels":{"a":"b"}},"State":{"Pid":7}}"#,
            name: "web", image: "nginx", labels: ["a": "b"], pid: 7),
        Case(
            testDescription: "of tomorrow",
            document:
                #"{"ApiVersion":9.9,"Id":"a","Name":"/web","Names":[{"new":1}],"Config":{"Image":"nginx","Labels":{"a":"b"},"X":{}},"State":{"Pid":7,"Phase":"hot"}}"#,
            name: "web", image: "nginx", labels: ["a": "b"], pid: 7),
        Case(
            testDescription: "everything of another type",
            document:
                #"{"Id":5,"Name":["/web"],"Config":{"Image":{"name":"nginx"},"Labels":["a=b"]},"State":{"Pid":"7"}}"#),
        Case(testDescription: "nothing but a list", document: "[1,2,3]"),
        Case(testDescription: "null", document: "null"),
        Case(
            testDescription: "a process that cannot be",
            document: #"{"Id":"a","Name":"/web","State":{"Pid":-1,"StartedAt":"yesterday"}}"#, name: "web"),
        Case(
            testDescription: "a process beyond all numbers",
            document: #"{"Id":"a","Name":"/web","State":{"Pid":99999999999999999999}}"#, name: "web"),
        Case(
            testDescription: "labels that are no words",
            document: #"{"Id":"a","Name":"/web","Config":{"Labels":{"a":"b","c":null,"d":5}}}"#, name: "web",
            labels: ["a": "b"]),
        Case(testDescription: "no names", document: #"{"Id":"","Name":"","Config":{"Image":""}}"#),
    ]

    @Test(arguments: cases) func docker(_ test: Case) throws {
        let report = DockerAPI.report(
            try #require(JSON(bytes: Array(test.document.utf8))), id: "a", digests: [], user: 0)
        #expect(report.facts.id == "a" && report.facts.name == test.name && report.facts.image == test.image)
        #expect(report.facts.labels == test.labels && report.pid == test.pid)
    }

    @Test(arguments: cases) func podman(_ test: Case) throws {
        var document = test.document
        document.replace(#""Name":"/"#, with: #""Name":""#)
        let report = PodmanAPI.report(try #require(JSON(bytes: Array(document.utf8))), id: "a", user: 0)
        #expect(report.facts.id == "a" && report.facts.name == test.name)
        #expect(report.facts.labels == test.labels && report.pid == test.pid)
    }

    /// What else an environment holds is nobody's business.
    @Test func environmentsAreKeptAsFarAsAskedFor() throws {
        let document = #"{"Id":"a","Config":{"Env":["STAGE=prod","PASSWORD=secret",7,null]}}"#
        let json = try #require(JSON(bytes: Array(document.utf8)))
        let wanted: Set = ["STAGE=prod", "STAGE=test"]
        let docker = DockerAPI.report(json, id: "a", digests: [], environment: wanted, user: 0)
        let podman = PodmanAPI.report(json, id: "a", environment: wanted, user: 0)
        #expect(docker.facts.environment == ["STAGE=prod"] && podman.facts.environment == ["STAGE=prod"])
        #expect(DockerAPI.report(json, id: "a", digests: [], user: 0).facts.environment.isEmpty)
    }

    /// CRI's verbose answer holds a document within a message.
    @Test(
        arguments: [
            ("", nil, nil), ("{", nil, nil), ("[]", nil, nil), (#"{"pid":7}"#, 7, nil), (#"{"pid":0}"#, nil, nil),
            (#"{"pid":"x","runtimeSpec":{"linux":5}}"#, nil, nil),
            (#"{"pid":7,"runtimeSpec":{"linux":{"cgroupsPath":"/a/b","new":[]}},"v":3}"#, 7, "/a/b"),
            (
                #"{"runtimeSpec":{"linux":{"cgroupsPath":"kubepods.slice:cri-containerd:x"}}}"#, nil,
                "/cri-containerd-x.scope"
            ),
            (String(repeating: "[", count: 100_000), nil, nil),
        ] as [(String, UInt32?, String?)])
    func cri(info: String, pid: UInt32?, path: String?) {
        var answer = Runtime_V1_ContainerStatusResponse()
        answer.status.id = "a"
        answer.status.labels = ["a": "b", "long": String(repeating: "x", count: 1 << 20)]
        answer.info = ["info": info]
        let report = CRI.report(answer, user: 0)
        #expect(report.facts.id == "a" && report.facts.labels == ["a": "b"])
        #expect(report.facts.name == nil && report.facts.digests.isEmpty && report.facts.started == nil)
        #expect(report.pid == pid && report.cgroupPath == path)
    }
}
