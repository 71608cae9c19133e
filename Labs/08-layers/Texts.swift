internal import LabKit

/// What lab 8 says.
enum Texts {
  static let title = Text("09bc05", en: "Layers: what a digest is of", zh: "层：摘要到底算的是什么")
  static let story = Text(
    "37fd60",
    en: """
      We make layers by hand with tar, put them into images, and load those into a store of \
      their own. One file's time is touched, two images get the same base, and one layer is \
      compressed twice. We look at the digests, at the store's directories, and at two \
      containers of the images.
      """,
    zh: """
      我们用 tar 手工制作层，把它们放进镜像，再加载到一个独立的存储里。先改动一个文件的时间，\
      再让两个镜像共用同一个基础层，最后把同一层压缩两次。我们查看摘要、存储里的目录，以及由这些镜\
      像启动的两个容器。
      """)
  static let belief = Text(
    "3efa1a",
    en: "\"A layer is its files: the same files, the same layer.\"",
    zh: "“层就是里面的文件：文件相同，层就相同。”")
  static let timeQuestion = Text(
    "7e6fa1",
    en: """
      A file is touched: its content stays, its modification time does not. The layer is \
      packed again with tar. What of its digest?
      """,
    zh: "touch 一个文件：内容不变，修改时间变了。用 tar 重新打包这一层。它的摘要会怎样？")
  static let timeSame = Text(
    "84364c",
    en: "The same: the content did not change.",
    zh: "不变：内容没有变化。")
  static let timeSameWhy = Text(
    "b6026d",
    en: """
      The digest is of the tar, and a tar has each file's time, owner and mode in the header \
      before it. Packed again without touching: {one}. Touched: {touched}.
      """,
    zh: """
      摘要是对 tar 计算的，而 tar 在每个文件之前的头部里写有时间、属主和权限。未改动时重\
      新打包：{one}。touch 之后：{touched}。
      """)
  static let timeOther = Text("c6febe", en: "Another digest.", zh: "变成另一个摘要。")
  static let timeOtherWhy = Text(
    "4510c9",
    en: """
      One file's time is a few bytes in the tar's header, and any byte changes the digest: \
      {one} became {touched}. This is why a build that runs again makes "new" layers of the \
      same files, and why reproducible builds set all times.
      """,
    zh: """
      一个文件的时间在 tar 头部只占几个字节，但任何一个字节都会改变摘要：{one} 变成了 \
      {touched}。所以重新构建会把同样的文件做成“新”层，而可重现构建要把所有时间固定下来。
      """)
  static let timeImage = Text(
    "de8f3f",
    en: "The layer's digest stays, the image's id changes.",
    zh: "层的摘要不变，镜像的 id 变了。")
  static let timeImageWhy = Text(
    "12e35d",
    en: """
      The other way round: the image's id is the digest of its configuration, which lists the \
      layers' digests. A layer that changes ({touched}) changes the image; nothing changes an \
      image but what is in it.
      """,
    zh: """
      正好相反：镜像的 id 是其配置的摘要，配置里列着各层的摘要。层变了（{touched}），\
      镜像才跟着变；除了镜像里的内容，没有别的能改变它。
      """)
  static let sharedQuestion = Text(
    "727bb4",
    en: """
      Two images of two layers each, with the same base. How often is the base on disk when \
      both are loaded, and two containers run?
      """,
    zh: "两个镜像各有两层，基础层相同。两个镜像都加载、并各启动一个容器之后，基础层在磁盘上有几份？")
  static let sharedTwice = Text("ffb0b3", en: "Twice, once for each image.", zh: "两份，每个镜像一份。")
  static let sharedTwiceWhy = Text(
    "305596",
    en: """
      What is kept under its digest can only be there once: {layers} directories for the \
      {named} layers that the images name.
      """,
    zh: "按摘要存放的内容只可能有一份：两个镜像一共列出 {named} 层，目录却只有 {layers} 个。")
  static let sharedOnce = Text(
    "931b6e",
    en: "Once, for both images and both containers.",
    zh: "一份，两个镜像和两个容器共用。")
  static let sharedOnceWhy = Text(
    "25e408",
    en: """
      {layers} directories for the {named} layers that the images name, and both containers \
      have the base as a lower layer of their root: the same file has inode {inode} in both. \
      So it is in the page cache once too.
      """,
    zh: """
      两个镜像一共列出 {named} 层，目录有 {layers} 个；两个容器的根都以这个基础\
      层为下层：同一个文件在两边的 inode 都是 {inode}。因此它在页缓存里也只有一份。
      """)
  static let sharedRun = Text(
    "be3379",
    en: "Once in the store; each container unpacks its own.",
    zh: "存储里一份；每个容器再各自解包一份。")
  static let sharedRunWhy = Text(
    "f2a856",
    en: """
      Containers unpack nothing. Their root is an overlay over the store's directories: the \
      same file has inode {inode} in both. What is a container's own is its upper layer.
      """,
    zh: """
      容器不解包任何东西。它们的根是叠加在存储目录之上的 overlay：同一个文件在两边的 \
      inode 都是 {inode}。容器自己的只有上层。
      """)
  static let diffQuestion = Text(
    "77a59d",
    en: """
      The same tar is compressed by gzip -1 and by gzip -9, and each is put into an image. \
      What do the two layers have in common?
      """,
    zh: "同一个 tar 分别用 gzip -1 和 gzip -9 压缩，各放进一个镜像。这两个层有什么相同？")
  static let diffAll = Text("9c42d8", en: "Everything: one digest.", zh: "全部相同：只有一个摘要。")
  static let diffAllWhy = Text(
    "6056b0",
    en: """
      The blobs are different bytes and have different digests: {fast} and {small}. What \
      travels is the blob; what it contains is told by the DiffID.
      """,
    zh: """
      两个 blob 的字节不同，摘要也不同：{fast} 与 {small}。传输的是 blob；\
      它解开后是什么，由 DiffID 说明。
      """)
  static let diffID = Text(
    "d36fb8",
    en: "The DiffID; the digests of their blobs differ.",
    zh: "DiffID 相同；blob 的摘要不同。")
  static let diffIDWhy = Text(
    "9891a3",
    en: """
      The manifest names blobs, {fast} and {small}; the configuration names what is in them, \
      the digest of the plain tar: {diff} for both. It is unpacked once, however it came.
      """,
    zh: """
      清单（manifest）列的是 blob：{fast} 与 {small}；配置列的是其中的\
      内容，即未压缩 tar 的摘要，两者都是 {diff}。不管怎么传来，它只解包一次。
      """)
  static let diffNone = Text("00ae6a", en: "Nothing: two layers.", zh: "没有：是两个层。")
  static let diffNoneWhy = Text(
    "0cb178",
    en: """
      To a registry they are two blobs, {fast} and {small}. To the machine they are one layer, \
      since the DiffID, the digest of the plain tar, is {diff} for both.
      """,
    zh: """
      对仓库来说它们是两个 blob：{fast} 与 {small}。对机器来说它们是同一层，因\
      为 DiffID，即未压缩 tar 的摘要，两者都是 {diff}。
      """)
  static let sayFiles = Text(
    "f9e490",
    en: """
      A directory of files, packed twice; then one file's time is touched, and it is packed \
      again.
      """,
    zh: "准备一个目录，打包两次；然后改动其中一个文件的时间，再打包一次。")
  static let sayImages = Text(
    "1cd4a0",
    en: """
      A base layer with busybox and that file, and two layers that go on top of it, make two \
      images.
      """,
    zh: "一个含 busybox 和该文件的基础层，再加上两个叠在它上面的层，组成两个镜像。")
  static let sayRun = Text("8ee666", en: "A container of each image.", zh: "每个镜像启动一个容器。")
  static let sayGzip = Text(
    "dca2cb",
    en: "The base, compressed by gzip -1 and by gzip -9, makes two more images.",
    zh: "基础层分别用 gzip -1 和 gzip -9 压缩，再组成两个镜像。")
  static let root = Text(
    "b41e1c",
    en: "the container's root: which directories it is made of",
    zh: "容器的根：由哪些目录组成")
  static let inode = Text(
    "57302c",
    en: "a file of the base, as the container sees it",
    zh: "基础层里的一个文件，容器看到的样子")
  static let layerNames = Text(
    "b64825",
    en: "the store's unpacked layers, by DiffID",
    zh: "存储里已解包的层，按 DiffID")
  static let blobNames = Text("bd54a6", en: "the store's blobs, by digest", zh: "存储里的 blob，按摘要")
  static let findControl = Text("a981c3", en: "the same files packed twice", zh: "同样的文件打包两次")
  static let notReproduced = Text(
    "fc4afb",
    en: "tar gave another digest though nothing was touched",
    zh: "什么都没改，tar 却给出了另一个摘要")
  static let findTime = Text(
    "6b674b",
    en: "the digest after the file's time was touched",
    zh: "改动文件时间之后的摘要")
  static let sameDigest = Text("d86356", en: "it is the digest from before", zh: "还是之前的摘要")
  static let findLayers = Text(
    "53391f",
    en: "unpacked layers in the store, for two images of two layers",
    zh: "两个两层镜像在存储中解包的层数")
  static let otherCount = Text(
    "456827",
    en: "it is not one for each DiffID",
    zh: "并不是每个 DiffID 一个")
  static let findInode = Text(
    "14c5c6",
    en: "a file of the base in the second container",
    zh: "第二个容器里基础层的文件")
  static let otherInode = Text(
    "5288b8",
    en: "it is another file than in the first",
    zh: "与第一个容器里的不是同一个文件")
  static let findDiffID = Text(
    "43c94a",
    en: "the DiffID of the layer in both images, as sha256sum of the plain tar",
    zh: "两个镜像中该层的 DiffID，即未压缩 tar 的 sha256sum")
  static let otherDiffID = Text(
    "2db427",
    en: "it is not the digest of the plain tar",
    zh: "不是未压缩 tar 的摘要")
  static let findBlobs = Text("ac53fb", en: "the digests of the two blobs", zh: "两个 blob 的摘要")
  static let sameBlobs = Text(
    "22ba7e",
    en: "they are not the digests of the compressed files",
    zh: "不是压缩文件的摘要")
  static let findStill = Text(
    "2acca5",
    en: "unpacked layers after two more images",
    zh: "又加载两个镜像之后解包的层数")
  static let moreLayers = Text("025f4b", en: "a layer was unpacked again", zh: "有一层被再次解包")
  static let exerciseTask = Text(
    "52bfb6",
    en: """
      Write diffid.sh, which prints the DiffID of a layer.
      It is called as: diffid.sh BLOB (a file, plain tar or compressed by gzip).
      It prints sha256: and 64 hexadecimal digits.
      """,
    zh: """
      编写 diffid.sh，打印一个层的 DiffID。
      调用方式：diffid.sh BLOB（一个文件，可能是未压缩的 tar，也可能经 gzip \
      压缩）。
      打印 sha256: 和 64 位十六进制数字。
      """)
  static let exerciseHint1 = Text(
    "44ffad",
    en: "The DiffID is the digest of the tar as it is when nothing compresses it.",
    zh: "DiffID 是 tar 在未压缩状态下的摘要。")
  static let exerciseHint2 = Text(
    "ca70dc",
    en: "gzip -t FILE succeeds when FILE is compressed by gzip; file names say nothing.",
    zh: "gzip -t 文件 成功，说明它经 gzip 压缩；文件名说明不了什么。")
  static let exerciseHint3 = Text(
    "ed8c66",
    en: """
      gzip -dcf "$1" | sha256sum: with -c and -f together, gzip passes on what is not \
      compressed.
      """,
    zh: """
      gzip -dcf "$1" | sha256sum：-c 与 -f 一起用时，gzip 会\
      原样输出未压缩的内容。
      """)
  static let hintCompressed = Text(
    "e1c1b6",
    en: """
      That is the digest of the file as it is: a blob's digest. The DiffID is of what is in \
      it.
      """,
    zh: "那是文件本身的摘要，即 blob 的摘要。DiffID 是对其中内容计算的。")
  static let hintPlain = Text(
    "b24a24",
    en: "A layer need not be compressed, and then gzip refuses it.",
    zh: "层不一定经过压缩，这时 gzip 会拒绝处理。")
  static let kindPlain = Text("1bafdf", en: "a plain tar", zh: "未压缩的 tar")
  static let kindGzip = Text("4300bf", en: "a tar compressed by gzip", zh: "经 gzip 压缩的 tar")
  static let findAnswer = Text("0829f7", en: "the DiffID of {kind}", zh: "{kind} 的 DiffID")
  static let wrongAnswer = Text(
    "a74b5b",
    en: "that is not the digest of the plain tar",
    zh: "不是未压缩 tar 的摘要")
  static let isBlob = Text("63a568", en: "that is the digest of the blob", zh: "那是 blob 的摘要")
  static let brokenTask = Text(
    "f3f007",
    en: """
      pack.sh makes a layer of a directory: pack.sh DIR TAR. Two people have the same files, \
      checked out at different times and by different users, and pack.sh gives each another \
      digest; so nothing is shared, and every cache misses. Repair pack.sh: the same names, \
      contents and modes must give the same tar.
      """,
    zh: """
      pack.sh 把一个目录做成一层：pack.sh 目录 TAR。两个人手里的文件相同，只是\
      检出的时间和用户不同，pack.sh 却给出不同的摘要；结果什么也共享不了，缓存次次落空。请\
      修复 pack.sh：文件名、内容和权限相同，tar 就必须相同。
      """)
  static let brokenHint1 = Text(
    "8cb977",
    en: """
      tar -tvf shows what each header says: mode, owner, size, time, name. Which of these \
      belong to the person, and not to the files?
      """,
    zh: "tar -tvf 会显示每个头部的内容：权限、属主、大小、时间、名字。其中哪些属于人，而不属于文件？")
  static let brokenHint2 = Text(
    "582d63",
    en: "--mtime=@0 gives every file the same time.",
    zh: "--mtime=@0 让所有文件的时间相同。")
  static let brokenHint3 = Text(
    "713497",
    en: """
      tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner: order, time and owner \
      are fixed.
      """,
    zh: """
      tar --sort=name --mtime=@0 --owner=0 --group=0 \
      --numeric-owner：顺序、时间、属主都固定下来。
      """)
  static let hintTime = Text(
    "1043cf",
    en: "The times in the two tars differ: see tar -tvf.",
    zh: "两个 tar 里的时间不同：用 tar -tvf 看看。")
  static let hintOwner = Text(
    "2b12f5",
    en: "The owners in the two tars differ: see tar -tvf.",
    zh: "两个 tar 里的属主不同：用 tar -tvf 看看。")
  static let findSame = Text(
    "206331",
    en: "the digest of the same files, packed by another user at another time",
    zh: "同样的文件，由另一个用户在另一个时间打包的摘要")
  static let timesDiffer = Text(
    "fc7c3b",
    en: "the headers have the files' own times",
    zh: "头部里是文件各自的时间")
  static let ownersDiffer = Text(
    "86224f",
    en: "the headers have the files' own owners",
    zh: "头部里是文件各自的属主")
  static let tarsDiffer = Text("a4013c", en: "the tars differ", zh: "两个 tar 不同")
  static let findFiles = Text(
    "003d9f",
    en: "what is in the tar: modes and names",
    zh: "tar 里的内容：权限与名字")
  static let filesDiffer = Text(
    "ee0a86",
    en: "that is not what is in the directory",
    zh: "与目录里的不符")
}
