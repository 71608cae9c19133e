import Testing
@testable import XRay
@Suite struct XTests {}
