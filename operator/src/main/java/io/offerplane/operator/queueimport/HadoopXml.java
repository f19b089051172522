package io.offerplane.operator.queueimport;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/** Hadoop's XML files. Entities and document types are refused: a file that somebody sent must not have others read. */
final class HadoopXml {
    private HadoopXml() {}

    /** The document's outermost element. */
    static Element parse(byte[] file) throws UnusableFile {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            factory.setXIncludeAware(false);
            factory.setExpandEntityReferences(false);
            var builder = factory.newDocumentBuilder();
            builder.setErrorHandler(new Silent());
            return builder.parse(new ByteArrayInputStream(file)).getDocumentElement();
        } catch (SAXException wrong) {
            throw new UnusableFile("it is no XML that can be read: " + wrong.getMessage());
        } catch (IOException | ParserConfigurationException broken) {
            throw new IllegalStateException(broken);
        }
    }

    /** What a {@code <configuration>} sets; what comes later holds. */
    static Map<String, String> properties(Element configuration) {
        Map<String, String> properties = new TreeMap<>();
        for (Element property : children(configuration)) {
            if (property.getTagName().equals("property")) {
                String name = "";
                String value = "";
                for (Element part : children(property)) {
                    switch (part.getTagName()) {
                        case "name" -> name = text(part);
                        case "value" -> value = text(part);
                        default -> {}
                    }
                }
                properties.put(name, value);
            }
        }
        return properties;
    }

    static List<Element> children(Element parent) {
        List<Element> children = new ArrayList<>();
        for (Node child = parent.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element element) {
                children.add(element);
            }
        }
        return children;
    }

    static String text(Element element) {
        return element.getTextContent().strip();
    }

    /** Without it the parser writes to the standard error stream. */
    private static final class Silent implements ErrorHandler {
        @Override
        public void warning(SAXParseException exception) {}

        @Override
        public void error(SAXParseException exception) throws SAXException {
            throw exception;
        }

        @Override
        public void fatalError(SAXParseException exception) throws SAXException {
            throw exception;
        }
    }
}
