internal import CLinux

/// Extended attributes (xattr(7)).
extension File {
  /// An attribute of an open file; nil when it has none of that name.
  ///
  /// Who lacks CAP_SYS_ADMIN does not see `trusted.*`, and is not told so.
  ///
  /// - Throws: `SystemError` naming the attribute.
  public static func attribute(_ name: String, of fd: Int32) throws(SystemError) -> [UInt8]? {
    var value = [UInt8](repeating: 0, count: 65_536)  // XATTR_SIZE_MAX
    let got = unsafe value.withUnsafeMutableBytes {
      unsafe lx_fgetxattr(fd, name, $0.baseAddress, $0.count)
    }
    if got == -61 || got == -95 { return nil }  // ENODATA, EOPNOTSUPP
    value.removeLast(value.count - (try check(got, "fgetxattr(2)", name)))
    return value
  }
}
