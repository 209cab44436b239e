// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * driftwatch's kernel half: what processes do, each new behaviour once.
 *
 *   hook                                  purpose                               kernels
 *   tp_btf/sched_process_exec             exec                                  5.10
 *   tp_btf/sched_process_fork             lineage: a child is what its parent   5.10
 *                                         was, until it executes
 *   tp_btf/sched_process_exit             forget the process, tell its end      5.10
 *   fentry/security_file_open             open, where the kernel patches its    6.2 (kfunc
 *                                         functions; sees io_uring too          bpf_rdonly_cast)
 *     ..._compat                          the same by probe reads               5.10
 *   fentry/vfs_open                       open with O_PATH                      5.10
 *   fexit/vfs_truncate                    truncate by path, told as an open     5.10
 *   fexit/security_file_receive           open, by another process              5.10
 *   fexit/cap_capable                     capabilities that are used            5.10
 *   tp_btf/sys_exit                       open, from the descriptor returned;   6.2
 *                                         connect of a unix datagram socket;
 *                                         sockets whose peers no hook sees
 *     ..._compat                          the same by probe reads               5.10
 *   tp_btf/io_uring_complete              all of these again, by io_uring       6.14
 *     ..._compat                          the same, as the tracepoint was       5.17
 *   tp_btf/sk_data_ready                  connect to a unix socket, datagrams   6.3
 *   fentry/security_unix_stream_connect   connect to a unix socket              5.10
 *   fentry/security_unix_may_send         the same, of datagrams                5.10
 *   fentry/security_socket_post_create    sockets whose peers no hook sees      5.10
 *   cgroup/connect4, connect6             connect, and refused where the        6.2
 *                                         workload is restricted
 *   cgroup/sendmsg4, sendmsg6             the same by a datagram                6.2
 *     ..._compat                          the same by probe reads               5.10
 *   cgroup/sock_create                    other sockets of the restricted       5.10
 *   cgroup/recvmsg4, recvmsg6             what is an answer, so no connect       5.10
 *   tp_btf/inet_sock_set_state            listen: TCP                           5.10
 *   cgroup/post_bind4, post_bind6         listen: UDP                           5.10
 *   cgroup_skb/ingress                    names of peers: what resolvers       5.10
 *                                         answer
 *   tp_btf/cgroup_mkdir, _rmdir, _rename  the tree that names workloads         5.10
 *
 * Arguments are read from kernel objects after the act, never from user memory at its start, which
 * another thread may change. Every behaviour takes the same way: who and what are hashed into a key
 * (novelty.bpf.h); a known key is counted and that is all; a new one is described (who.bpf.h,
 * path.bpf.h) and handed to a ring (ring.bpf.h).
 *
 * Tracing programs here never sleep. Those on tracepoints do not nest on a CPU; those on function
 * entries and of cgroups can be preempted by one another, which ring.bpf.h guards against.
 */
#include "kernel.h"
#include "kernel_net.h"
#include "kernel_uring.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>
#include "event.h"
#include "maps.bpf.h"
#include "ring.bpf.h"
#include "path.bpf.h"
#include "quota.bpf.h"
#include "novelty.bpf.h"
#include "who.bpf.h"
#include "lineage.bpf.h"
#include "arguments.bpf.h"
#include "exec.bpf.h"
#include "dns.bpf.h"
#include "endpoint.bpf.h"
#include "restrict.bpf.h"
#include "connect.bpf.h"
#include "udp.bpf.h"
#include "unix.bpf.h"
#include "socket.bpf.h"
#include "listen.bpf.h"
#include "file.bpf.h"
#include "syscall.bpf.h"
#include "uring.bpf.h"
#include "cgroup.bpf.h"
#include "capability.bpf.h"

char probe_license[] SEC("license") = "GPL";
