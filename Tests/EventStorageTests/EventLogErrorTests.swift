import EventStorage
import Testing

@Test("a cursor beyond the log is told where the log ends")
func cursorAhead() {
    #expect("\(EventLogError.cursorAhead(last: 7))".contains("after 7"))
}
