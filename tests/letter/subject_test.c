/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject_test - the subject grammar, shape by shape, and that what is printed parses to the same.
 *
 * A case is a subject and what it says, written as describe() below writes it:
 *     flags vREVISION PART/TOTAL <list tag> [words] title
 * with a "?" behind what was inferred.
 */
#include "subject.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
    unsigned flag;
    const char *name;
} flag_names[] = {
    {PM_SUBJECT_REPLY, "reply"},
    {PM_SUBJECT_FORWARD, "forward"},
    {PM_SUBJECT_PATCH, "patch"},
    {PM_SUBJECT_RFC, "rfc"},
    {PM_SUBJECT_RFT, "rft"},
    {PM_SUBJECT_RESEND, "resend"},
    {PM_SUBJECT_PULL, "pull"},
    {PM_SUBJECT_STABLE, "stable"},
    {PM_SUBJECT_COMMITTED, "committed"},
    {PM_SUBJECT_BOT, "bot"},
    {PM_SUBJECT_CONFLICT, "conflict"},
    {PM_SUBJECT_BROKEN, "broken"},
    {PM_SUBJECT_LED, "led"},
};

typedef struct subject_case {
    const char *subject, *says;
} subject_case;

static const subject_case cases[] = {
    {"[PATCH] foo: bar", "patch [PATCH] foo: bar"},
    {"[PATCH 0/3] foo: bar", "patch 0/3 [PATCH] foo: bar"},
    {"[PATCH v2 00/12] foo: bar", "patch v2 0/12 [PATCH] foo: bar"},
    {"[PATCH V2 1/3] foo: bar", "patch v2 1/3 [PATCH] foo: bar"},
    {"[PATCHv2 3/7] foo: bar", "patch v2 3/7 [PATCH] foo: bar"},
    {"[PATCH,v3] foo: bar", "patch v3 [PATCH] foo: bar"},
    {"[PATCH v6,19/24] foo: bar", "patch v6 19/24 [PATCH] foo: bar"},
    {"[PATCH 0/3,v2] foo: bar", "patch v2 0/3 [PATCH] foo: bar"},
    {"[PATCH v2.1 03/20] foo: bar", "patch v2.1 3/20 [PATCH] foo: bar"},
    {"[PATCH v5.1 10/12] foo: bar", "patch v5.1 10/12 [PATCH] foo: bar"},
    {"[PATCH v4a 00/38] foo: bar", "patch v4 0/38 [PATCH] foo: bar"},
    {"[PATCH1/8] foo: bar", "patch 1/8 [PATCH] foo: bar"},
    {"[PATCH] 3/8 foo: bar", "patch 3/8 [PATCH] foo: bar"},
    {"[PATCH] [0/19] foo: bar", "patch 0/19 [PATCH] foo: bar"},
    {"[PATCH 12 of 20 v2] foo: bar", "patch v2 12/20 [PATCH] foo: bar"},
    {"[PATCH 0 of 5] foo: bar", "patch 0/5 [PATCH] foo: bar"},
    {"[PATCH v2 03 /12] foo: bar", "patch v2 3/12 [PATCH] foo: bar"},
    {"[PATCH v2 00/ 12] foo: bar", "patch v2 0/12 [PATCH] foo: bar"},
    {"[PATCH 3 /dev] foo: bar", "patch [PATCH 3 /dev] foo: bar"},
    {"[PATCH 3/ foo] bar", "patch [PATCH 3/ foo] bar"},
    {"[PATCH 0/4] foo bar -v3", "patch v3? 0/4 [PATCH] foo bar"},
    {"[PATCH 0/4] foo bar -V3", "patch v3? 0/4 [PATCH] foo bar"},
    {"[PATCH] foo: bar - version 3", "patch v3? [PATCH] foo: bar"},
    {"[PATCH] foo: bar, try #3", "patch v3? [PATCH] foo: bar"},
    {"foo bar, version 3", "v3? foo bar"},
    {"[PATCH 0/4] foo: select version 2", "patch 0/4 [PATCH] foo: select version 2"},
    {"[PATCH 0/4] foo: broken since v5", "patch 0/4 [PATCH] foo: broken since v5"},
    {"[PATCH 0/4] foo: build with -O", "patch 0/4 [PATCH] foo: build with -O"},
    {"[PATCH 00 of 41] foo bar #17", "patch v17? 0/41 [PATCH] foo bar"},
    {"[PATCH 0 of 8] foo bar - try 2", "patch v2? 0/8 [PATCH] foo bar"},
    {"[PATCH net,v20/4] foo fixes for net", "patch v2 0/4 [PATCH net] foo fixes for net"},
    {"[PATCH -next v2] foo (v4)", "patch conflict v2 [PATCH -next] foo"},
    {"[PATCH bpf-next v2 00/11, v3] foo", "patch conflict v2 0/11 [PATCH bpf-next] foo"},
    {"[PATCH food2 v2 v2 00/34] foo", "patch v2 0/34 [PATCH food2] foo"},
    {"[PATCH 0/2]: foo: bar", "patch 0/2 [PATCH] foo: bar"},
    {"[PATCH v2 00/22]foo/bar: baz", "patch v2 0/22 [PATCH] foo/bar: baz"},
    {"[PATCH v2 0/6] - Add foo support", "patch v2 0/6 [PATCH] Add foo support"},
    {"[PATCH nft 0/2] --optimize fixes", "patch 0/2 [PATCH nft] --optimize fixes"},
    {"[PATCH 00/16] .map_sg() cleanup", "patch 0/16 [PATCH] .map_sg() cleanup"},
    {"[PATCH v3 00/15] (no cover subject)", "patch v3 0/15 [PATCH] (no cover subject)"},
    {"[PATCH 0/4]v2 foo", "patch v2 0/4 [PATCH] foo"},
    {"[PATCH] v2: foo", "patch v2 [PATCH] foo"},
    {"[PATCH] v4l2: foo", "patch [PATCH] v4l2: foo"},
    {"[PATCH 2/2][v3] foo", "patch v3 2/2 [PATCH] foo"},
    {"[RFC][PATCH v2 1/3] foo", "patch rfc v2 1/3 [RFC PATCH] foo"},
    {"[PATCH 0/4][RFC] foo", "patch rfc 0/4 [PATCH RFC] foo"},
    {"[PATCH 0/6] [PULL REQUEST] foo", "patch pull 0/6 [PATCH PULL REQUEST] foo"},
    {"[PATCH 00/40] [Set 7] foo", "patch 0/40 [PATCH Set 7] foo"},
    {"[RFC 0/2] [RFC] foo", "patch rfc 0/2 [RFC RFC] foo"},
    {"[LTP] [PATCH 0/5][PART 2] foo", "patch 0/5 <LTP> [PATCH PART 2] foo"},
    {"[RFC/PATCH 0/3] foo", "patch rfc 0/3 [RFC PATCH] foo"},
    {"[PATCH/RFC 0/3] foo", "patch rfc 0/3 [PATCH RFC] foo"},
    {"[RFC/RFT PATCH 0/3] foo", "patch rfc rft 0/3 [RFC RFT PATCH] foo"},
    {"[RFT 00/13] foo", "patch rft 0/13 [RFT] foo"},
    {"[RFCv2 0/7] foo", "patch rfc v2 0/7 [RFC] foo"},
    {"[RFC-v2 0/7] foo", "patch rfc v2 0/7 [RFC] foo"},
    {"[RFC v2 0/7] foo", "patch rfc v2 0/7 [RFC] foo"},
    {"[RFC,1/2] foo", "patch rfc 1/2 [RFC] foo"},
    {"[PATCH RFC2 1/2] foo", "patch rfc v2 1/2 [PATCH RFC] foo"},
    {"[RFC 7597 1/2] foo", "patch rfc 1/2 [RFC 7597] foo"},
    {"[PATCH 0/8, RFC] foo", "patch rfc 0/8 [PATCH RFC] foo"},
    {"[PATCH RESEND 0/2] foo", "patch resend 0/2 [PATCH RESEND] foo"},
    {"[RESEND,PATCH 00/13] foo", "patch resend 0/13 [RESEND PATCH] foo"},
    {"[RESENT PATCH 0/5] foo", "patch resend 0/5 [RESENT PATCH] foo"},
    {"[REPOST PATCH v4 00/13] foo", "patch resend v4 0/13 [REPOST PATCH] foo"},
    {"[PATCH V5 (RESEND) 0/4] foo", "patch resend v5 0/4 [PATCH RESEND] foo"},
    {"[PATCH resend2 0/4] foo", "patch resend 0/4 [PATCH resend] foo"},
    {"[PATCH RESEND v2 1/2] foo", "patch resend v2 1/2 [PATCH RESEND] foo"},
    {"[PATCH re-send 1/2] foo", "patch resend 1/2 [PATCH re-send] foo"},
    {"[Resend][PATCH] foo", "patch resend [Resend PATCH] foo"},
    {"[PATCH nft v2 0/4] [RESENT] foo", "patch resend v2 0/4 [PATCH nft RESENT] foo"},
    {"[PATCH 5.10 123/567] foo", "patch stable 123/567 [PATCH 5.10] foo"},
    {"[PATCH 5.10.y 1/3] foo", "patch stable 1/3 [PATCH 5.10.y] foo"},
    {"[PATCH -stable,5.4 0/9] foo", "patch stable 0/9 [PATCH -stable 5.4] foo"},
    {"[PATCH -stable,5.10,v2 00/11] foo", "patch stable v2 0/11 [PATCH -stable 5.10] foo"},
    {"[PATCH stable 4.19 v2 0/2] foo", "patch stable v2 0/2 [PATCH stable 4.19] foo"},
    {"[PATCH-4.19-stable 0/2] foo", "patch stable 0/2 [PATCH 4.19-stable] foo"},
    {"[PATCH for-stable-5.10 0/2] foo", "patch stable 0/2 [PATCH for-stable-5.10] foo"},
    {"[PATCH 4.19/5.4/5.10 0/1] foo", "patch stable 0/1 [PATCH 4.19/5.4/5.10] foo"},
    {"[PATCH AUTOSEL 5.4 1/26] foo", "patch stable 1/26 [PATCH AUTOSEL 5.4] foo"},
    {"[PATCH stable v6.1 0/3] foo", "patch stable 0/3 [PATCH stable v6.1] foo"},
    {"[PATCH v6.1 0/3] foo", "patch v6.1 0/3 [PATCH] foo"},
    {"[PATCH v2 0/9 -resend] foo", "patch resend v2 0/9 [PATCH -resend] foo"},
    {"【PATCH v2 0／3】foo", "patch v2 0/3 [PATCH] foo"},
    {"［PATCH，v2，0/3］ foo", "patch v2 0/3 [PATCH] foo"},
    {"\"[PATCH v2 0/3] foo", "patch v2 0/3 [PATCH] foo"},
    {"- [PATCH] foo", "patch [PATCH] foo"},
    {"- [foo] bar", "- [foo] bar"},
    {"Re [PATCH] foo", "reply patch [PATCH] foo"},
    {"Reset [PATCH] foo", "Reset [PATCH] foo"},
    {"Vedr.: [PATCH] foo", "reply patch [PATCH] foo"},
    {"Réf. : [PATCH] foo", "reply patch [PATCH] foo"},
    {"[PATCH v6.6 0/3] foo", "patch stable 0/3 [PATCH v6.6] foo"},
    {"[PATCH v5.4] foo", "patch stable [PATCH v5.4] foo"},
    {"[PATCH v5.5 0/3] foo", "patch v5.5 0/3 [PATCH] foo"},
    {"[PATCH v5.15 0/3] foo", "patch stable 0/3 [PATCH v5.15] foo"},
    {"[PATCH v2 00/19 5.15.y] foo", "patch stable v2 0/19 [PATCH 5.15.y] foo"},
    {"[PATCH 13/19 v6.1.y] foo", "patch stable 13/19 [PATCH v6.1.y] foo"},
    {"[PATCHv5 v5.13-rc1 foo/next 00/15] foo", "patch v5 0/15 [PATCH v5.13-rc1 foo/next] foo"},
    {"[PATCH RESEND v5.15-rc7 00/18] foo", "patch resend 0/18 [PATCH RESEND v5.15-rc7] foo"},
    {"[PATCH v2019.04 1/2] foo", "patch 1/2 [PATCH v2019.04] foo"},
    {"[PATCH v2 19.07 00/12] foo", "patch stable v2 0/12 [PATCH 19.07] foo"},
    {"[PATCH for 5.10 v2 0/5] foo", "patch v2 0/5 [PATCH for 5.10] foo"},
    {"[PATCH for-6.1 v2 0/1] foo", "patch v2 0/1 [PATCH for-6.1] foo"},
    {"[PATCH-for-8.0 v2 0/4] foo", "patch v2 0/4 [PATCH for-8.0] foo"},
    {"[PATCH for-8.2? 1/2] foo", "patch 1/2 [PATCH for-8.2] foo"},
    {"[patch for-5.8 0/4] foo", "patch 0/4 [patch for-5.8] foo"},
    {"[kvm-unit-tests PATCH v3 0/7] foo", "patch v3 0/7 [kvm-unit-tests PATCH] foo"},
    {"[FOOFS v4 PATCH 00/25] foo", "patch v4 0/25 [FOOFS PATCH] foo"},
    {"[v3 0/5] foo", "patch v3 0/5 foo"},
    {"[0/3] foo", "patch 0/3 foo"},
    {"[LTP] [0/3] foo", "patch 0/3 <LTP> foo"},
    {"[net-next v3 0/3] foo", "patch v3 0/3 [net-next] foo"},
    {"[iwl-next v1 0/8] foo", "patch v1 0/8 [iwl-next] foo"},
    {"[foo][patch v2 00/11] foo", "patch v2 0/11 [foo patch] foo"},
    {"[drm-next][PATCH 0/2] foo", "patch 0/2 [drm-next PATCH] foo"},
    {"[OpenWrt-Devel] [OpenWrt-Devel, 0/7] foo", "patch 0/7 <OpenWrt-Devel> [OpenWrt-Devel] foo"},
    {"[Cluster-devel] foo bar", "<Cluster-devel> foo bar"},
    {"[PATCH nf 0/1.5 RFC] foo", "patch rfc 0/n [PATCH nf RFC] foo"},
    {"[PATCH v2.1 01-A/14] foo", "patch v2.1 1/14 [PATCH] foo"},
    {"[PATCH 0/n] foo", "patch 0/n [PATCH] foo"},
    {"[PATCH 0/X] (Was: old thing)", "patch 0/n [PATCH] (Was: old thing)"},
    {"[PATCHSET 0/6] foo bar (v1)", "patch v1? 0/6 [PATCHSET] foo bar"},
    {"[PATCHSET v24.0 0/3] xfs: foo", "patch v24 0/3 [PATCHSET] xfs: foo"},
    {"[PATCH v2 1/3 foo bar", "patch broken v2 1/3 [PATCH] foo bar"},
    {"PATCH v4 00/11] foo: bar", "patch broken v4 0/11 [PATCH] foo: bar"},
    {"{PATCH 0/2] foo: bar", "patch broken 0/2 [PATCH] foo: bar"},
    {"Patch 0/23 - foo, bar", "patch 0/23 [Patch] foo, bar"},
    {"Patch 0/6  foo bar", "patch 0/6 [Patch] foo bar"},
    {"PATCH 0/4] foo", "patch broken 0/4 [PATCH] foo"},
    {"Patch 0/6] foo bar (version 5).", "patch broken v5? 0/6 [Patch] foo bar"},
    {"[PATCH v2 [RESEND] 1/3] foo", "patch resend v2 1/3 [PATCH RESEND] foo"},
    {"[PATCH [v2] 1/3] foo", "patch v2 1/3 [PATCH] foo"},
    {"[PATCH v2]] foo", "patch broken v2 [PATCH] foo"},
    {"RFC: foo bar", "rfc [RFC] foo bar"},
    {"RFC PATCH v2: foo bar", "patch rfc v2 [RFC PATCH] foo bar"},
    {"foo cleanups v2", "v2? foo cleanups"},
    {"foo cleanups v3 (resend)", "resend v3? [resend] foo cleanups"},
    {"foo cleanups (v2)", "v2? foo cleanups"},
    {"foo cleanups, v2", "v2? foo cleanups"},
    {"V2 libfoo: bar", "v2? libfoo: bar"},
    {"[PATCH 00/25] foo recovery patches v9", "patch v9? 0/25 [PATCH] foo recovery patches"},
    {"[PATCH 0/4] iommu: Add support for SysMMX v7",
     "patch 0/4 [PATCH] iommu: Add support for SysMMX v7"},
    {"[PATCH 1/2] foo: describe it v2", "patch 1/2 [PATCH] foo: describe it v2"},
    {"[PATCH] foo: add support for Router R2000 v3",
     "patch [PATCH] foo: add support for Router R2000 v3"},
    {"[PATCH 0/2] add cgroup v2", "patch 0/2 [PATCH] add cgroup v2"},
    {"[PATCH v8 00/22] foo patches v8", "patch v8 0/22 [PATCH] foo patches"},
    {"[PATCH] foo [RFC]", "patch rfc [PATCH RFC] foo"},
    {"[PATCH] foo (2/3)", "patch 2/3? [PATCH] foo"},
    {"foo: fix bar [PATCH v2]", "patch v2? [PATCH] foo: fix bar"},
    {"Re: [PATCH v2 1/3] foo", "reply patch v2 1/3 [PATCH] foo"},
    {"RE: [PATCH] foo", "reply patch [PATCH] foo"},
    {"AW: [PATCH] foo", "reply patch [PATCH] foo"},
    {"答复: [PATCH v2 1/3] foo", "reply patch v2 1/3 [PATCH] foo"},
    {"回复：[PATCH v2 1/3] foo", "reply patch v2 1/3 [PATCH] foo"},
    {"Ответ: [PATCH] foo", "reply patch [PATCH] foo"},
    {"SV: [PATCH] foo", "reply patch [PATCH] foo"},
    {"Sv: Re: [PATCH] foo", "reply patch [PATCH] foo"},
    {"R: [PATCH] foo", "reply patch [PATCH] foo"},
    {"RE[2]: [PATCH] foo", "reply patch [PATCH] foo"},
    {"Re(3): [PATCH] foo", "reply patch [PATCH] foo"},
    {"Ynt: [PATCH] foo", "reply patch [PATCH] foo"},
    {"Odp: [PATCH] foo", "reply patch [PATCH] foo"},
    {"Antw: [PATCH] foo", "reply patch [PATCH] foo"},
    {"Fwd: [PATCH v2] foo", "forward patch v2 [PATCH] foo"},
    {"[LTP] Re: [PATCH 0/3] foo", "reply patch 0/3 <LTP> [PATCH] foo"},
    {"[bar] RE: [PATCH 0/3] foo", "reply patch 0/3 <bar> [PATCH] foo"},
    {"Re: [LTP] Re: [PATCH 0/3] foo", "reply patch 0/3 <LTP> [PATCH] foo"},
    {"PING: [PATCH v2 0/3] foo", "reply patch v2 0/3 [PATCH] foo"},
    {"Ping^2: [PATCH] foo", "reply patch [PATCH] foo"},
    {"REGRESSION: Re: [patch V2 00/46] foo", "reply patch v2 0/46 [patch] foo"},
    {"***SPAM*** Re: [PATCH v6 0/6] foo", "reply patch v6 0/6 [PATCH] foo"},
    {"(proposal) RE: [PATCH v7 00/16] foo", "reply patch v7 0/16 [PATCH] foo"},
    {"Update: [PATCH v2 0/3] foo", "patch led v2 0/3 [PATCH] foo"},
    {"foo broken? (was Re: [PATCH 00/14] foo)", "reply foo broken? (was Re: [PATCH 00/14] foo)"},
    {"broken [Was: Re: [PATCH 00/14] foo]", "reply broken [Was: Re: [PATCH 00/14] foo]"},
    {"Automatic reply: [PATCH v2 1/3] foo", "reply patch bot v2 1/3 [PATCH] foo"},
    {"[GIT PULL] foo updates for 5.2", "pull [GIT PULL] foo updates for 5.2"},
    {"[GIT PULL 1/7] foo", "patch pull 1/7 [GIT PULL] foo"},
    {"[PULL 00/12] foo queue", "patch pull 0/12 [PULL] foo queue"},
    {"[PULL v2 00/12] foo queue", "patch pull v2 0/12 [PULL] foo queue"},
    {"[PULL kvm-unit-tests 0/3] foo", "patch pull 0/3 [PULL kvm-unit-tests] foo"},
    {"[pull] drm/foo: next", "pull [pull] drm/foo: next"},
    {"pull request (net-next): foo 2024-01-02", "pull [pull request net-next] foo 2024-01-02"},
    {"Pull request: foo 2024", "pull [Pull request] foo 2024"},
    {"[tip: x86/build] foo", "committed bot [tip x86/build] foo"},
    {"[tip:x86/urgent] foo", "committed bot [tip:x86/urgent] foo"},
    {"[linux-next:master 3/12] fs/foo.c:1:2: warning",
     "bot [linux-next:master 3/12] fs/foo.c:1:2: warning"},
    {"[foo:for-next.bar 7/22] fs/foo.c", "bot [foo:for-next.bar 7/22] fs/foo.c"},
    {"[syzbot] KASAN: foo", "bot [syzbot] KASAN: foo"},
    {"[syzbot ci] Re: foo", "reply bot [syzbot ci] foo"},
    {"[syzbot] [net?] foo", "bot [syzbot net] foo"},
    {"[PATCH COMMITTED 0/2] foo", "patch committed 0/2 [PATCH COMMITTED] foo"},
    {"[committed] foo", "committed [committed] foo"},
    {"[pushed] c++: foo", "committed [pushed] c++: foo"},
    {"Patch \"foo\" has been added to the 5.4-stable tree",
     "Patch \"foo\" has been added to the 5.4-stable tree"},
    {"24/7 support", "24/7 support"},
    {"[24/7] hotline", "[24/7] hotline"},
    {"[PATCH v2 05/19] x86: 1/2 of foo", "patch v2 5/19 [PATCH] x86: 1/2 of foo"},
    {"[PATCH v2] [media] foo: bar", "patch v2 [PATCH media] foo: bar"},
    {"[PATCH v4 01/10] foo for v5.19", "patch v4 1/10 [PATCH] foo for v5.19"},
    {"", ""},
    {"[]", ""},
    {"[", "["},
    {"]", "]"},
    {"[PATCH", "patch broken [PATCH] "},
    {"[PATCH]", "patch [PATCH] "},
    {"[PATCH v2]", "patch v2 [PATCH] "},
    {"foo cleanups v3 (all of them now)", "v3? foo cleanups"},
    {"[PATCH 0/2] add foo support v2", "patch v2? 0/2 [PATCH] add foo support"},
    {"[PATCH 0/2] support for foo v2", "patch 0/2 [PATCH] support for foo v2"},
    {"[PATCH for-5.0 v3 00/15] foo", "patch v3 0/15 [PATCH for-5.0] foo"},
    {"[PULL 05/39] foo", "patch pull 5/39 [PULL] foo"},
    {"[PATCH v2 for-4.17] foo", "patch v2 [PATCH for-4.17] foo"},
    {"[PATCH for-4.19?\??] foo", "patch [PATCH for-4.19] foo"},
    {"[XEN PATCH v2 1/3] foo", "patch v2 1/3 [XEN PATCH] foo"},
    {"[Xen-devel] [PATCH v2.5 3/5] foo", "patch v2.5 3/5 <Xen-devel> [PATCH] foo"},
    {"[libvirt PATCH v3 0/4] foo", "patch v3 0/4 [libvirt PATCH] foo"},
    {"[libvirt] [PATCH v2 00/12] foo", "patch v2 0/12 <libvirt> [PATCH] foo"},
    {"[libvirt PATCH (push under build-breaker rule)] foo",
     "patch [libvirt PATCH push under build-breaker rule] foo"},
    {"[U-Boot] [PATCH v2 1/2] foo", "patch v2 1/2 <U-Boot> [PATCH] foo"},
    {"[U-Boot,v2,1/2] foo", "patch v2 1/2 [U-Boot] foo"},
    {"[PULL] u-boot-foo/master", "pull [PULL] u-boot-foo/master"},
    {"Pull request: u-boot-foo/master", "pull [Pull request] u-boot-foo/master"},
    {"[dpdk-dev] [PATCH v2 1/3] net/foo: bar", "patch v2 1/3 <dpdk-dev> [PATCH] net/foo: bar"},
    {"[dpdk-dev] [dpdk-stable] [PATCH 20.11 1/2] foo",
     "patch stable 1/2 <dpdk-dev> [dpdk-stable PATCH 20.11] foo"},
    {"[EXT] Re: [dpdk-dev] [PATCH v2] foo", "reply patch v2 <EXT> [dpdk-dev PATCH] foo"},
    {"[FFmpeg-devel] [PATCH 1/3] avcodec/foo: bar",
     "patch 1/3 <FFmpeg-devel> [PATCH] avcodec/foo: bar"},
    {"[FFmpeg-devel] [PATCH]lavc/foo: bar", "patch <FFmpeg-devel> [PATCH] lavc/foo: bar"},
    {"[PATCH, rs6000] foo", "patch [PATCH rs6000] foo"},
    {"[PATCH][AArch64] foo", "patch [PATCH AArch64] foo"},
    {"[Patch, fortran] PR 12345 - foo", "patch [Patch fortran] PR 12345 - foo"},
    {"[PATCH, v2] foo", "patch v2 [PATCH] foo"},
    {"[PING^2][PATCH v2] foo", "patch v2 [PING 2 PATCH] foo"},
    {"[PATCH] [v2] foo", "patch v2 [PATCH] foo"},
    {"[v2 PATCH 1/3] crypto: foo", "patch v2 1/3 [PATCH] crypto: foo"},
    {"[PATCH net-next 1/2] [v2] foo", "patch v2 1/2 [PATCH net-next] foo"},
    {"[net-next,v3,1/2] foo", "patch v3 1/2 [net-next] foo"},
    {"[PATCH net-next v2 0/3][pull request] Foo Driver Updates",
     "patch pull v2 0/3 [PATCH net-next pull request] Foo Driver Updates"},
    {"pull-request: bpf 2023-01-02", "pull [pull-request] bpf 2023-01-02"},
    {"[PATCH iproute2 -next 0/2] foo", "patch 0/2 [PATCH iproute2 -next] foo"},
    {"[bpf PATCH v2 1/2] foo", "patch v2 1/2 [bpf PATCH] foo"},
    {"[RFC bpf-next 1/2] foo", "patch rfc 1/2 [RFC bpf-next] foo"},
    {"[Buildroot] [PATCH 2023.02.x 1/2] package/foo: bump",
     "patch stable 1/2 <Buildroot> [PATCH 2023.02.x] package/foo: bump"},
    {"[Buildroot] [PATCH next v2 1/3] package/foo: bump",
     "patch v2 1/3 <Buildroot> [PATCH next] package/foo: bump"},
    {"[Buildroot] [git commit] package/foo: bump",
     "committed <Buildroot> [git commit] package/foo: bump"},
    {"[PATCH master 1/2] foo", "patch 1/2 [PATCH master] foo"},
    {"[alsa-devel] [PATCH v2 0/3] ASoC: foo", "patch v2 0/3 <alsa-devel> [PATCH] ASoC: foo"},
    {"Applied \"ASoC: foo\" to the asoc tree", "Applied \"ASoC: foo\" to the asoc tree"},
    {"+ foo-bar.patch added to mm-unstable branch", "+ foo-bar.patch added to mm-unstable branch"},
    {"[merged mm-stable] foo-bar.patch removed from -mm tree",
     "committed [merged mm-stable] foo-bar.patch removed from -mm tree"},
    {"[GSoC][PATCH v3 1/1] foo", "patch v3 1/1 [GSoC PATCH] foo"},
    {"[PATCH v2 0/1] [Outreachy] foo", "patch v2 0/1 [PATCH Outreachy] foo"},
    {"[WIP PATCH 1/2] foo", "patch 1/2 [WIP PATCH] foo"},
    {"[PATCH RFC v2 net-next 12/15] foo", "patch rfc v2 12/15 [PATCH RFC net-next] foo"},
    {"[RFC v2] foo", "patch rfc v2 [RFC] foo"},
    {"[PATCH 1/1 V2] foo", "patch v2 1/1 [PATCH] foo"},
    {"[PATCH v3 0/3 RESEND] foo", "patch resend v3 0/3 [PATCH RESEND] foo"},
    {"[PATCH][next] foo", "patch [PATCH next] foo"},
    {"[PATCH][V2] foo", "patch v2 [PATCH] foo"},
    {"[PATCH v2 -next] foo", "patch v2 [PATCH -next] foo"},
    {"[PATCH linux-next v2 1/4] foo", "patch v2 1/4 [PATCH linux-next] foo"},
    {"[PATCH v2 0000/1234] foo", "patch v2 0/1234 [PATCH] foo"},
    {"[PATCH v2 5/3] foo", "patch broken v2 5/3 [PATCH] foo"},
    {"[GIT PULL v2] foo for v6.1", "patch pull v2 [GIT PULL] foo for v6.1"},
    {"[GIT PULL 2/4] arm64: foo for v6.1", "patch pull 2/4 [GIT PULL] arm64: foo for v6.1"},
    {"Re: [GIT PULL] foo for v6.1", "reply pull [GIT PULL] foo for v6.1"},
    {"[LSF/MM TOPIC] foo", "<LSF/MM TOPIC> foo"},
    {"[ANNOUNCE] foo 1.0.1 release", "<ANNOUNCE> foo 1.0.1 release"},
    {"Re: Re: Fwd: [PATCH] foo", "reply forward patch [PATCH] foo"},
    {"Fwd: Re: [PATCH] foo", "reply forward patch [PATCH] foo"},
    {"re: [PATCH] foo", "reply patch [PATCH] foo"},
    {"[PATCH] vs: foo: bar", "patch [PATCH] vs: foo: bar"},
    {"[PATCH] re: foo", "reply patch [PATCH] foo"},
    {"VS: [PATCH] foo", "reply patch [PATCH] foo"},
    {"vs: foo compare", "vs: foo compare"},
    {"[PATCH 3/5 v2] foo: bar baz", "patch v2 3/5 [PATCH] foo: bar baz"},
    {"[PATCH take 2 1/5] foo", "patch v2 1/5 [PATCH] foo"},
    {"[PATCH, take 3] foo", "patch v3 [PATCH] foo"},
    {"[PATCH #2 1/3] foo", "patch v2 1/3 [PATCH] foo"},
    {"[PATCH version 4 1/3] foo", "patch v4 1/3 [PATCH] foo"},
    {"[PATCH v 2 1/3] foo", "patch v2 1/3 [PATCH] foo"},
    {"[PATCH ver2 1/3] foo", "patch v2 1/3 [PATCH] foo"},
    {"[PATCH rev3 1/3] foo", "patch v3 1/3 [PATCH] foo"},
    {"[PATCH v02 1/3] foo", "patch v2 1/3 [PATCH] foo"},
    {"[PATCH v1000 1/3] foo", "patch 1/3 [PATCH v1000] foo"},
    {"[PATCH v2 1/3]: foo", "patch v2 1/3 [PATCH] foo"},
    {"[PATCH v2 1/3] : foo", "patch v2 1/3 [PATCH] foo"},
    {"[PATCH 1 / 3] foo", "patch 1/3 [PATCH] foo"},
    {"[PATCH (1/3)] foo", "patch 1/3 [PATCH] foo"},
    {"[PATCH 0/3;v2] foo", "patch v2 0/3 [PATCH] foo"},
    {"[PATCHv2-RFC 1/3] foo", "patch rfc v2 1/3 [PATCH RFC] foo"},
    {"[v2-PATCH 1/3] foo", "patch v2 1/3 [PATCH] foo"},
    {"[RFCPATCH 1/2] foo", "patch rfc 1/2 [RFCPATCH] foo"},
    {"[wasm] [PATCH v2] foo", "patch v2 <wasm> [PATCH] foo"},
    {"[PATCH wasm 1/2] foo", "patch 1/2 [PATCH wasm] foo"},
    {"[Intel-foo] [CI 1/3] drm/foo: bar", "patch 1/3 <Intel-foo> [CI] drm/foo: bar"},
    {"[PATCH foo dev-5.10 v2] foo", "patch v2 [PATCH foo dev-5.10] foo"},
    {"[PATCH 5.15,6.1 1/3] foo", "patch stable 1/3 [PATCH 5.15 6.1] foo"},
    {"[PATCH foo v2023.04 1/2] foo", "patch 1/2 [PATCH foo v2023.04] foo"},
    {"[PACTH v2 1/3] foo", "patch v2 1/3 [PACTH] foo"},
    {"[Bug 12345] New: foo", "<Bug 12345> New: foo"},
    {"[PATCH] foo (wasm)", "patch [PATCH] foo (wasm)"},
    {"[PATCH mm-stable 1/3] foo", "patch 1/3 [PATCH mm-stable] foo"},
    {"[PATCH V3 01/20] foo: v4 of a thing", "patch v3 1/20 [PATCH] foo: v4 of a thing"},
    {"[PATCH_v2_1/3] foo", "patch v2 1/3 [PATCH] foo"},
    {"[PATCH|v2|1/2] foo", "patch v2 1/2 [PATCH] foo"},
    {"[PATCH #1/2] foo", "patch 1/2 [PATCH] foo"},
    {"[PATCH 1of5] foo", "patch 1/5 [PATCH] foo"},
    {"[PATCH v2 1.5/4] foo", "patch v2 1/4 [PATCH] foo"},
    {"[PATCH 1/2-v2] foo", "patch v2 1/2 [PATCH] foo"},
    {"[PATCH 1/2v2] foo", "patch v2 1/2 [PATCH] foo"},
    {"[PATCH 1/2 :v2] foo", "patch v2 1/2 [PATCH] foo"},
    {"[PATCHv2RFC 1/2] foo", "patch rfc v2 1/2 [PATCH RFC] foo"},
    {"[PATCH v2RESEND 1/2] foo", "patch resend v2 1/2 [PATCH RESEND] foo"},
    {"[RESENDPATCH v2 1/2] foo", "patch resend v2 1/2 [RESEND PATCH] foo"},
    {"[PATCH take#2] foo", "patch v2 [PATCH] foo"},
    {"[RFAv2 1/2] foo", "patch v2 1/2 [RFA] foo"},
    {"[PATCH <=5.15] foo", "patch stable [PATCH 5.15] foo"},
    {"[PATCH] foo (#12)", "patch [PATCH] foo (#12)"},
    {"[PATCH] quirk for foo (rev 02)", "patch [PATCH] quirk for foo (rev 02)"},
    {"foo: bar [PATCH 1/2]", "patch 1/2? [PATCH] foo: bar"},
    {"[PATCH 4.4/4.9] foo", "patch stable [PATCH 4.4/4.9] foo"},
    {"[PATCH](v3) foo: bar", "patch v3 [PATCH] foo: bar"},
    {"[PATCH 1/2] (v3) foo: bar", "patch v3 1/2 [PATCH] foo: bar"},
    {"[PATCH] (resend) foo: bar", "patch resend [PATCH resend] foo: bar"},
    {"[PATCH] (stable) foo: bar", "patch [PATCH] (stable) foo: bar"},
    {"RESEND: [PATCH v2] foo", "patch resend v2 [RESEND PATCH] foo"},
    {"RESEND [PATCH v2] foo", "patch resend v2 [RESEND PATCH] foo"},
    {"RFC: [PATCH] foo", "patch rfc [RFC PATCH] foo"},
    {"v2 [PATCH 1/2] foo", "patch v2 1/2 [PATCH] foo"},
    {"V2: [PATCH] foo", "patch v2 [PATCH] foo"},
    {"PATCH v2 foo: bar", "patch v2 [PATCH] foo: bar"},
    {"Patch v2 of foo is broken", "Patch v2 of foo is broken"},
    {"[BUG v6.1] foo crashes", "[BUG v6.1] foo crashes"},
    {"[PATCH for v6.1 1/2] foo", "patch 1/2 [PATCH for v6.1] foo"},
    {"[PATCH v6.1 v2 1/2] foo", "patch stable v2 1/2 [PATCH v6.1] foo"},
    {"[PATCH for 6.1-stable] foo", "patch stable [PATCH for 6.1-stable] foo"},
    {"[GIT FIXES FOR v6.8] foo", "[GIT FIXES FOR v6.8] foo"},
    {"[SRU][F:linux-bar][PATCH 0/1] foo", "patch 0/1 [SRU F:linux-bar PATCH] foo"},
    {"[bug:1234] foo", "<bug:1234> foo"},
    {"[LTP] Update: [PATCH v2 0/3] foo", "patch led v2 0/3 <LTP> [PATCH] foo"},
    {"Update: [bar-next PATCH v2 0/3] foo", "patch led v2 0/3 [bar-next PATCH] foo"},
    {"Vastaus: [PATCH 0/3] foo", "patch led 0/3 [PATCH] foo"},
    {"\"Re: [PATCH v2] foo", "reply patch v2 [PATCH] foo"},
    {"foo was Re: [PATCH v2] bar", "reply patch v2 [PATCH] bar"},
    {"foo, was: [PATCH v2] bar", "foo, was: [PATCH v2] bar"},
    {"PING [PATCH v2] foo", "reply patch v2 [PATCH] foo"},
    {"Ping^3 [PATCH 0/3] foo", "reply patch 0/3 [PATCH] foo"},
    {"pingable: foo", "pingable: foo"},
    {"ACK: [SRU][J][PATCH 0/1] foo", "reply patch 0/1 [SRU J PATCH] foo"},
    {"NACK/Cmnt: [PATCH] foo", "reply patch [PATCH] foo"},
    {"APPLIED[J,F]: [PATCH 0/1] foo", "reply patch committed 0/1 [PATCH] foo"},
    {"[pve-devel] applied: [PATCH bar] foo", "reply patch committed <pve-devel> [PATCH bar] foo"},
    {"ack: foo the bar", "ack: foo the bar"},
    {"Re [2]: [PATCH] foo", "reply patch [PATCH] foo"},
    {"Vedr: [PATCH] foo", "reply patch [PATCH] foo"},
    {"Ré : [PATCH] foo", "reply patch [PATCH] foo"},
    {"Отв.: [PATCH] foo", "reply patch [PATCH] foo"},
    {"回：[PATCH] foo", "reply patch [PATCH] foo"},
    {"Re: [syzbot] [net?] foo", "reply [syzbot net] foo"},
    {"Re: [tip: x86/build] foo", "reply <tip: x86/build> foo"},
    {"[PATCH\xc2\xa0v2\xc2\xa0"
     "1/3] foo\xe2\x80\x8b",
     "patch v2 1/3 [PATCH] foo"},
    {"\xef\xbb\xbf[PATCH v2]\xe3\x80\x80"
     "foo",
     "patch v2 [PATCH] foo"},
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static pm_arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = pm_arena_new(1 << 20);
    return arena == NULL;
}

static int free_arena(void **state)
{
    (void)state;
    pm_arena_free(arena);
    return 0;
}

static pm_subject parse(pm_slice text)
{
    pm_subject subject;

    assert_int_equal(pm_subject_parse(arena, text, &subject), PM_OK);
    return subject;
}

static void describe(const pm_subject *subject, char *text, size_t room)
{
    FILE *out = fmemopen(text, room, "w");

    assert_non_null(out);
    for (size_t i = 0; i < COUNT_OF(flag_names); i++)
        if ((subject->flags & flag_names[i].flag) != 0)
            fprintf(out, "%s ", flag_names[i].name);
    if (subject->revision_said != PM_SAID_NOT) {
        fprintf(out, "v%u", subject->revision);
        if (subject->reroll > 0)
            fprintf(out, ".%u", subject->reroll);
        fprintf(out, "%s ", subject->revision_said == PM_SAID_INFERRED ? "?" : "");
    }
    if (subject->part_said != PM_SAID_NOT) {
        fprintf(out, "%d/", subject->part);
        if (subject->total < 0)
            fprintf(out, "n");
        else
            fprintf(out, "%d", subject->total);
        fprintf(out, "%s ", subject->part_said == PM_SAID_INFERRED ? "?" : "");
    }
    if (subject->list_tag.len > 0)
        fprintf(out, "<%.*s> ", PM_FMT(subject->list_tag));
    if (subject->word_count > 0) {
        fprintf(out, "[");
        for (size_t i = 0; i < subject->word_count; i++)
            fprintf(out, "%s%.*s", i > 0 ? " " : "", PM_FMT(subject->words[i]));
        fprintf(out, "] ");
    }
    fprintf(out, "%.*s", PM_FMT(subject->title));
    fclose(out);
}

static void every_shape_says_what_its_writer_meant(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        pm_subject subject = parse(pm_slice_of(cases[i].subject));
        char says[4096] = "";

        describe(&subject, says, sizeof(says));
        if (strcmp(says, cases[i].says) != 0)
            fail_msg("\"%s\"\n  says    \"%s\"\n  and not \"%s\"", cases[i].subject, says,
                     cases[i].says);
    }
}

/* What printing cannot keep: that brackets were broken, that a second revision stood there. */
#define NOT_PRINTED                                                                                \
    (PM_SUBJECT_BROKEN | PM_SUBJECT_CONFLICT | PM_SUBJECT_BOT | PM_SUBJECT_COMMITTED |             \
     PM_SUBJECT_LED)

static void expect_same(const pm_subject *a, const pm_subject *b, const char *text)
{
    bool same = pm_slice_equal(a->title, b->title) && pm_slice_equal(a->list_tag, b->list_tag) &&
                a->word_count == b->word_count &&
                ((a->flags ^ b->flags) & ~(unsigned)NOT_PRINTED) == 0 &&
                a->revision == b->revision && a->reroll == b->reroll && a->part == b->part &&
                a->total == b->total && a->revision_said == b->revision_said &&
                a->part_said == b->part_said;
    char first[4096] = "", second[4096] = "";

    for (size_t i = 0; same && i < a->word_count; i++)
        same = pm_slice_equal(a->words[i], b->words[i]);
    if (same)
        return;
    describe(a, first, sizeof(first));
    describe(b, second, sizeof(second));
    fail_msg("\"%s\"\n  said   \"%s\"\n  and is \"%s\"", text, first, second);
}

static void a_printed_subject_parses_to_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        pm_subject subject = parse(pm_slice_of(cases[i].subject)), again;
        pm_slice printed;

        if ((subject.flags & PM_SUBJECT_BOT) != 0)
            continue; /* a robot's bracket has a count that is none */
        printed = pm_subject_print(arena, &subject);
        assert_non_null(printed.data);
        again = parse(printed);
        expect_same(&subject, &again, cases[i].subject);
    }
}

/* ---- A generator: subjects nobody wrote, in the grammar's order -------------------------------
 */

static uint64_t seed;

static unsigned dice(unsigned sides)
{
    seed ^= seed << 13; /* xorshift64 */
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed % sides);
}

static const char *const kinds[] = {"PATCH",     "RFC PATCH",    "PATCH RFC",
                                    "RFC",       "PATCH RESEND", "patch",
                                    "RFT PATCH", "PULL",         "RESEND PATCH"};
static const char *const trees[] = {"net-next", "-next",    "kvm-unit-tests", "for-6.1",
                                    "5.10",     "5.10.y",   "-stable",        "foo/bar",
                                    "GFX2",     "v5.13-rc1"};
static const char *const title_words[] = {
    "mm:",  "foo:", "fix", "the", "v2-like", "thing", "(again)", "x86", "1/2", "[a]",
    "SMMU", "v4l2", "-",   "of",  "nVMX",    "#12",   "ü",       "API", "v3",  "drop"};

/* A subject with these fields, printed by hand; what it must parse to is in *wanted. */
static pm_slice generate(char *text, size_t room, pm_subject *wanted)
{
    FILE *out = fmemopen(text, room, "w");
    size_t length;

    assert_non_null(out);
    *wanted = (pm_subject){.revision = 1, .part = -1, .total = -1};
    if (dice(4) == 0) {
        fprintf(out, "Re: ");
        wanted->flags |= PM_SUBJECT_REPLY;
    }
    if (dice(3) == 0)
        fprintf(out, "[Some-list] ");
    fprintf(out, "[%s", kinds[dice(COUNT_OF(kinds))]);
    for (unsigned i = dice(3); i > 0; i--)
        fprintf(out, " %s", trees[dice(COUNT_OF(trees))]);
    if (dice(2) == 0) {
        wanted->revision = dice(40);
        wanted->revision_said = PM_SAID_WRITTEN;
        fprintf(out, "%sv%u", dice(4) == 0 ? "," : " ", wanted->revision);
    }
    if (dice(2) == 0) {
        wanted->total = (int)dice(400) + 1;
        wanted->part = (int)dice((unsigned)wanted->total + 1);
        wanted->part_said = PM_SAID_WRITTEN;
        fprintf(out, " %0*d/%d", (int)dice(4) + 1, wanted->part, wanted->total);
    }
    fprintf(out, "]%s", dice(8) == 0 ? ": " : " ");
    for (unsigned i = dice(8); i > 0; i--)
        fprintf(out, "%s%s", title_words[dice(COUNT_OF(title_words))], i > 1 ? " " : "");
    length = (size_t)ftell(out);
    fclose(out);
    return (pm_slice){text, length};
}

static void what_a_generator_wrote_is_read_and_survives_printing(void **state)
{
    (void)state;
    seed = 0x9e3779b97f4a7c15u;
    for (unsigned n = 0; n < 20000; n++) {
        char text[1024] = "";
        pm_subject wanted;
        pm_slice written = generate(text, sizeof(text), &wanted);
        pm_subject subject = parse(written), again;

        if (wanted.revision_said == PM_SAID_WRITTEN && subject.revision != wanted.revision)
            fail_msg("\"%s\": revision %u, not %u", text, subject.revision, wanted.revision);
        if (wanted.part_said == PM_SAID_WRITTEN &&
            (subject.part != wanted.part || subject.total != wanted.total))
            fail_msg("\"%s\": %d/%d, not %d/%d", text, subject.part, subject.total, wanted.part,
                     wanted.total);
        if ((subject.flags & PM_SUBJECT_REPLY) != (wanted.flags & PM_SUBJECT_REPLY))
            fail_msg("\"%s\": the reply mark", text);
        again = parse(pm_subject_print(arena, &subject));
        expect_same(&subject, &again, text);
        pm_arena_reset(arena);
    }
}

static void every_cut_of_a_subject_is_read_without_fault(void **state)
{
    static const char whole[] =
        "Re: [LTP] [RFC][PATCHv2 net-next,v3 (RESEND) 01-A/14 of 3] v2: 1/2 "
        "foo (was: Re: [PATCH 0/3] bar) take 2 [v4] (resend";
    (void)state;
    for (size_t from = 0; from < sizeof(whole) - 1; from++)
        for (size_t to = from; to < sizeof(whole); to++) {
            pm_subject subject = parse((pm_slice){whole + from, to - from});

            assert_true(subject.title.len <= to - from);
            pm_arena_reset(arena);
        }
}

static void only_the_first_2000_bytes_are_looked_at(void **state)
{
    char text[4000];
    pm_subject subject;

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "[PATCH] ", 8);
    memcpy(text + 1999, "\xc3\xbc", 2); /* lies across the border */
    memcpy(text + sizeof(text) - 5, " (v2)", 5);
    subject = parse((pm_slice){text, sizeof(text)});
    assert_int_equal(subject.text.len, 1999);
    assert_int_equal(subject.revision_said, PM_SAID_NOT);
    assert_true(pm_slice_is_utf8(subject.title));
}

static void a_hostile_subject_costs_no_more_than_its_length(void **state)
{
    static const char *const pieces[] = {"[",     "]",       "Re: ",  "[a ",
                                         "(was ", "[PATCH ", "1 of ", ": "};
    char text[2000];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        size_t len = strlen(pieces[i]);
        pm_subject subject;

        for (size_t at = 0; at + len <= sizeof(text); at += len)
            memcpy(text + at, pieces[i], len);
        subject = parse((pm_slice){text, sizeof(text) / len * len});
        assert_true(subject.word_count <= 48);
    }
}

static void the_token_that_said_it_is_told(void **state)
{
    pm_subject subject = parse(PM_LIT("[PATCH net-next,V3 02/10] foo"));

    (void)state;
    assert_true(pm_slice_equal(subject.revision_token, PM_LIT("V3")));
    assert_true(pm_slice_equal(subject.part_token, PM_LIT("02/10")));
    assert_int_equal(subject.revision_said, PM_SAID_WRITTEN);
    subject = parse(PM_LIT("foo cleanups (v3)"));
    assert_true(pm_slice_equal(subject.revision_token, PM_LIT("v3")));
    assert_int_equal(subject.revision_said, PM_SAID_INFERRED);
}

static void a_subject_past_the_budget_is_a_limit(void **state)
{
    pm_arena *small = pm_arena_new(8);
    pm_subject subject;

    (void)state;
    assert_non_null(small);
    assert_int_equal(pm_subject_parse(small, PM_LIT("[PATCH net-next v2] foo"), &subject),
                     PM_LIMIT);
    assert_null(pm_subject_print(small, &subject).data);
    pm_arena_free(small);
}

static uint32_t tree_of(const char *subject)
{
    pm_subject parsed;

    assert_int_equal(pm_subject_parse(arena, pm_slice_of(subject), &parsed), PM_OK);
    return pm_subject_tree(&parsed);
}

static void the_trees_of_a_subject_leave_a_mark(void **state)
{
    static const char *const none[] = {
        "[PATCH] x: y",
        "[RFC PATCH v2 RESEND 0/3] x: y",
        "[list] [PATCH 1/2] x: y",
        "[PATCH for v5.13-rc1] x: y",
        "x: y",
    };
    static const struct {
        const char *a, *b;
        bool same;
    } pairs[] = {
        {"[PATCH net-next] x: y", "[PATCH v2 NET-NEXT 0/3] z", true},
        {"[PATCH 5.10.y] x", "[stable PATCH v5.10 v2 1/2] x", true},
        {"[PATCH for 6.1] x", "[PATCH 6.1-stable v3] x", true},
        {"[OE-core][kirkstone][PATCH] x", "[kirkstone][OE-core][PATCH v2] x", true},
        {"[OE-core][kirkstone][PATCH] x", "[OE-core][dunfell][PATCH v2] x", false},
        {"[PATCH net] x", "[PATCH net-next] x", false},
        {"[PATCH 5.10.y] x", "[PATCH 5.15.y] x", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        if (tree_of(none[i]) != 0)
            fail_msg("%s", none[i]);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        const uint32_t a = tree_of(pairs[i].a), b = tree_of(pairs[i].b);

        if (a == 0 || b == 0 || a > PM_SUBJECT_TREE_MOST || (a == b) != pairs[i].same)
            fail_msg("%s and %s: %x, %x", pairs[i].a, pairs[i].b, a, b);
    }
}

/* Memories keep it for years. */
static void the_mark_of_a_tree_never_changes(void **state)
{
    (void)state;
    assert_int_equal(tree_of("[PATCH net-next] x"), 0x49d39e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_says_what_its_writer_meant),
        cmocka_unit_test(a_printed_subject_parses_to_itself),
        cmocka_unit_test(what_a_generator_wrote_is_read_and_survives_printing),
        cmocka_unit_test(every_cut_of_a_subject_is_read_without_fault),
        cmocka_unit_test(only_the_first_2000_bytes_are_looked_at),
        cmocka_unit_test(a_hostile_subject_costs_no_more_than_its_length),
        cmocka_unit_test(the_token_that_said_it_is_told),
        cmocka_unit_test(a_subject_past_the_budget_is_a_limit),
        cmocka_unit_test(the_trees_of_a_subject_leave_a_mark),
        cmocka_unit_test(the_mark_of_a_tree_never_changes),
    };

    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
