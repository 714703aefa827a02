import Foundation
import struct Base.Store

/// Anything that is kept.
public protocol Kept: AnyObject, Hashable {
    associatedtype Key
    var id: Key { get }
    static var shared: Self { get set }
    func weight(scale: Int) -> Int
    init(id: Key)
}

public enum Colour: String, CaseIterable {
    case red, green = "g"
    case custom(code: Int)
    var label: String { rawValue }
}

typealias Handler<T> = (T, Int) -> Void
let limit = 10
var (low, high) = (1, 2)

/**
 Holds books.
 */
@objc
open class Shelf<T: Kept>: Store, Sequence where T.Key == String {
    public static let version = "1"
    private var books: [T] = []
    lazy var count: Int = { books.count }()
    var open: Bool = true {
        didSet { log(oldValue) }
    }

    init(name: String, limit: Int = limit) {
        super.init(name)
        self.books = []
    }
    deinit { close() }

    // Adds one.
    @discardableResult
    func add(_ book: T, notes: String...) throws -> Bool {
        let before = books.count
        guard let first = books.first else { return false }
        for note in notes { print("\(note) \(book.id)") }
        let twice = { (n: Int) -> Int in n * 2 }
        do { try check(first) } catch let failure as ShelfError { throw failure }
        books.append(book)
        return twice(before) < limit
    }

    subscript(index: Int) -> T { books[index] }
    static func == (a: Shelf, b: Shelf) -> Bool { a === b }

    struct Point { var x, y: Double }
}

extension Shelf: CustomStringConvertible {
    var description: String { "shelf" }
    func second<U>(as type: U.Type) -> U? { books[1] as? U }
}

func topLevel(a: Int) -> Shelf<Book>? { nil }
actor Counter { var value = 0 }
