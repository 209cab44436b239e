import Events

/// Drafts Kubernetes NetworkPolicies, one for each pod.
enum NetworkPolicy {
    static func draft(_ baselines: [Baseline]) -> Draft {
        var draft = Draft(text: "", leftOut: [])
        var pods: [(pod: PodName, baselines: [Baseline])] = []
        for baseline in baselines {
            guard let pod = PodName(workload: baseline.key.workload) else {
                draft.leftOut.append(
                    "\(baseline.key.workload): it is no Kubernetes workload, and a NetworkPolicy is of pods")
                continue
            }
            if let index = pods.firstIndex(where: { $0.pod.pod == pod.pod }) {
                pods[index].baselines.append(baseline)
            } else {
                pods.append((pod, [baseline]))
            }
        }
        for (pod, baselines) in pods {
            var omissions = Omissions()
            let spec = baselines.reduce(BaselineSpec()) { $0.union($1.spec) }
            let body = rules(spec, &omissions)
            let leftOut = omissions.lines(of: pod.pod)
            draft.leftOut += leftOut
            draft.text += (draft.text.isEmpty ? "" : "---\n") + head(pod, baselines, leftOut) + body
        }
        return draft
    }

    private static func head(_ pod: PodName, _ baselines: [Baseline], _ leftOut: [String]) -> String {
        let lines =
            ["A draft made by driftwatch from the baseline of"] + baselines.map { "  \($0.key), \($0.checksum)" } + [
                "Look at podSelector first: a baseline does not know the pod's labels.",
                "What a NetworkPolicy has no word for: the program that connects or listens; programs and files at all;",
                "domain names; loopback, which is never limited. Who may connect to a port is not known: any may.",
            ] + (leftOut.isEmpty ? [] : ["Left out or made wider:"]) + leftOut.map { "- \($0)" }
        let comment = lines.map { line in
            "# "
                + line.unicodeScalars.map { $0.value < 32 || (127..<160).contains($0.value) ? "?" : String($0) }
                .joined()
                + "\n"
        }.joined()
        return comment + """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata:
              name: driftwatch-\(plainName("\(pod.kind)-\(pod.owner)"))
              namespace: \(YAMLText.scalar(pod.namespace))
            spec:
              podSelector:
                matchLabels:
                  app.kubernetes.io/name: \(YAMLText.scalar(pod.owner))
              policyTypes: [Ingress, Egress]

            """
    }

    private static func rules(_ spec: BaselineSpec, _ omissions: inout Omissions) -> String {
        var ingress: Set<String> = []
        for entry in spec.listen {
            guard let ports = ports(entry.ports, entry.transport, entry, &omissions) else { continue }
            ingress.formUnion(ports)
        }
        var egress: [String: Set<String>] = [:]
        for entry in spec.connect {
            switch entry.peer {
            case .block(let block):
                if block.base.scope == .loopback { continue }
                guard let ports = ports(entry.ports, entry.transport, entry, &omissions) else { continue }
                egress["cidr: \(YAMLText.scalar("\(block)"))", default: []].formUnion(ports)
            case .scope(let scope):
                if scope == .loopback { continue }
                guard let ports = ports(entry.ports, entry.transport, entry, &omissions) else { continue }
                for block in blocks(scope) { egress[block, default: []].formUnion(ports) }
            case .domain:
                omissions.add("a domain is left out: give its addresses, or use a policy of your network plugin", entry)
            case .path: continue
            case .unseen: omissions.add("a socket whose peers are not seen is left out", entry)
            }
        }
        var text = "  ingress:" + (ingress.isEmpty ? " []\n" : "\n    - ports:\n" + ingress.sorted().joined())
        text += "  egress:" + (egress.isEmpty ? " []\n" : "\n")
        for (block, ports) in egress.sorted(by: { $0.key < $1.key }) {
            text +=
                "    - to:\n        - ipBlock: {\(block)}\n      ports:\n"
                + ports.sorted().joined()
        }
        return text
    }

    /// As fields of `ipBlock`.
    private static func blocks(_ scope: IPAddress.Scope) -> [String] {
        let texts = { (blocks: [AddressBlock]) in blocks.map { YAMLText.scalar("\($0)") } }
        guard scope == .public else { return texts(scope.blocks).map { "cidr: \($0)" } }
        return [AddressBlock("0.0.0.0/0")!, AddressBlock("::/0")!].map { all in
            let others = texts(scope.blocks.filter { $0.base.isIPv4 == all.base.isIPv4 })
            return "cidr: \(YAMLText.scalar("\(all)")), except: [\(others.joined(separator: ", "))]"
        }
    }

    private static func ports(
        _ ports: ClosedRange<UInt16>?, _ transport: Transport?, _ entry: some BaselineEntry,
        _ omissions: inout Omissions
    ) -> [String]? {
        guard [nil, .tcp, .udp, .sctp].contains(transport) else {
            omissions.add("a transport other than TCP, UDP and SCTP is left out", entry)
            return nil
        }
        return (transport.map { [$0] } ?? [.tcp, .udp]).map { transport in
            var fields = ["protocol: \(transport.description.uppercased())"]
            // Port 0 is none that anyone can be reached at.
            if let ports, ports.upperBound > 0 {
                fields.append("port: \(max(ports.lowerBound, 1))")
                if ports.count > 1 { fields.append("endPort: \(ports.upperBound)") }
            }
            return "        - {\(fields.joined(separator: ", "))}\n"
        }
    }
}
