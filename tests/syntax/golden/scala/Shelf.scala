package org.example.shelf

import org.example.base.{Store, Book => Volume}
import scala.math._

/** Anything that is kept. */
sealed trait Kept[+T] extends Ordered[T] with Named {
  type Key
  val id: Key
  def weight(scale: Int = 1): Int
  def label: String = id.toString
}

/** Holds books. */
abstract class Shelf[T <: Kept[T]](private val name: String, limit: Int = Shelf.Limit)
    extends Store(name)
    with Kept[T] {
  private val books = new ListBuffer[T]
  var open: Boolean = true
  lazy val (low, high) = (1, 2)
  type Row = List[T]

  def this(name: String) = this(name, Shelf.Limit)

  // Adds one.
  @throws[IOException]
  def add[U <: T](book: U, notes: String*)(implicit log: Log): Boolean = {
    val before = books.size
    for (note <- notes; part = note.trim) log.info(s"$part ${book.id}")
    val twice = (n: Int) => n * 2
    def inner(x: Int) = x + before
    books.foreach(b => b.touch(before))
    try books += book
    catch { case failure: IllegalStateException => throw new Wrapped(failure) }
    check() match {
      case Open(state) if state.ok => state.run()
      case _ => ()
    }
    twice(inner(before)) < max(Shelf.Limit, 1)
  }

  def find(title: String): Option[T]
  def +(other: Shelf[T]): Shelf[T] = this
}

object Shelf {
  final val Limit = 10
  def apply(): Shelf[Nothing] = null
  case class Point(x: Double, y: Double)
  case object Empty extends Kept[Nothing]
}

package object helpers {
  implicit class Rich(val text: String) extends AnyVal
}
