package org.citusingest;

import java.nio.file.Path;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.PropertiesComponent;

/** Reads a properties file with Camel's placeholders, before there is an application. */
record PropertiesFile(PropertiesComponent component) {
    static PropertiesFile read(Path file, Properties overrides) {
        CamelContext context = new DefaultCamelContext();
        PropertiesComponent component = context.getPropertiesComponent();
        component.setLocation("file:" + file);
        component.setOverrideProperties(overrides);
        return new PropertiesFile(component);
    }
}
