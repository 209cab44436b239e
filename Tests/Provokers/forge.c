/*
 * forge PID: puts three records that are none into each ring of a process: one too short, one of no
 * known kind, one that says it is longer than it is. Prints how many rings there were.
 */
#include "provoke.h"

#include <dirent.h>
#include <linux/bpf.h>
#include <sys/syscall.h>

#define BYTES 64

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static const char *const license = "GPL";

/* A program of a few instructions: bytes onto the stack, the stack into the ring. */
static int program(int ring, const unsigned long long words[BYTES / 8], int size)
{
	struct bpf_insn code[3 * BYTES / 8 + 9];
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT};
	int count = 0;

#define INSN(...)                                                                                  \
	code[count++] = (struct bpf_insn)                                                          \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
	for (int word = 0; word < BYTES / 8; word++) {
		INSN(.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 1, .imm = (int)words[word]);
		INSN(.imm = (int)(words[word] >> 32));
		INSN(.code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = 10, .src_reg = 1,
		     .off = -BYTES + 8 * word);
	}
	INSN(.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD,
	     .imm = ring);
	INSN(.imm = 0);
	INSN(.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10);
	INSN(.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -BYTES);
	INSN(.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = size);
	INSN(.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 4);
	INSN(.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ringbuf_output);
	INSN(.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0);
	INSN(.code = BPF_JMP | BPF_EXIT);
	attr.insns = (unsigned long)code;
	attr.insn_cnt = count;
	attr.license = (unsigned long)license;
	return must(bpf(BPF_PROG_LOAD, &attr), "BPF_PROG_LOAD");
}

static void put(int ring, unsigned kind, unsigned length, int size)
{
	unsigned long long words[BYTES / 8] = {kind | (unsigned long long)length << 32};
	union bpf_attr attr = {.test.prog_fd = program(ring, words, size)};

	must(bpf(BPF_PROG_TEST_RUN, &attr), "BPF_PROG_TEST_RUN");
}

/* The id of the ring behind a descriptor, as /proc tells it; 0 where it is none. */
static unsigned ring_id(const char *pid, const char *descriptor)
{
	char path[300], line[100];
	unsigned type = 0, id = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", pid, descriptor);
	file = fopen(path, "r");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		sscanf(line, "map_type: %u", &type);
		sscanf(line, "map_id: %u", &id);
	}
	fclose(file);
	return type == BPF_MAP_TYPE_RINGBUF ? id : 0;
}

int main(int argc, char **argv)
{
	char path[100];
	unsigned seen[16];
	int rings = 0;
	struct dirent *entry;
	DIR *directory;

	if (argc != 2)
		usage("PID");
	snprintf(path, sizeof(path), "/proc/%s/fdinfo", argv[1]);
	directory = opendir(path);
	must(directory ? 0 : -1, "open /proc/PID/fdinfo");
	while (rings < 16 && (entry = readdir(directory))) {
		union bpf_attr attr = {.map_id = ring_id(argv[1], entry->d_name)};
		int known = 0, ring;

		for (int index = 0; index < rings; index++)
			known |= seen[index] == attr.map_id;
		if (!attr.map_id || known)
			continue;
		seen[rings++] = attr.map_id;
		ring = must(bpf(BPF_MAP_GET_FD_BY_ID, &attr), "BPF_MAP_GET_FD_BY_ID");
		put(ring, 1, 4, 4);
		put(ring, 0x7777, BYTES, BYTES);
		put(ring, 4, 4096, BYTES);
	}
	printf("%d\n", rings);
	return 0;
}
