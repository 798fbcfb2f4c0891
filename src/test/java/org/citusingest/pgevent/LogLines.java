package org.citusingest.pgevent;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;

/** What a class logs while this is open. */
final class LogLines extends AbstractAppender implements AutoCloseable {
    private record Line(String level, String text) {}

    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private final Logger logger;

    private LogLines(Logger logger) {
        super("lines of " + logger.getName(), null, null, true, Property.EMPTY_ARRAY);
        this.logger = logger;
    }

    static LogLines of(Class<?> logs) {
        Configurator.setLevel(logs.getName(), Level.INFO);
        LogLines lines = new LogLines((Logger) LogManager.getLogger(logs));
        lines.start();
        lines.logger.addAppender(lines);
        return lines;
    }

    /** The lines of this level so far. */
    List<String> at(String level) {
        return lines.stream().filter(line -> line.level().equals(level)).map(Line::text).toList();
    }

    @Override
    public void append(LogEvent event) {
        lines.add(new Line(event.getLevel().name(), event.getMessage().getFormattedMessage()));
    }

    @Override
    public void close() {
        logger.removeAppender(this);
        stop();
    }
}
