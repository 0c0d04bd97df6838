/* libxml2: parses, transforms and queries a document, walks it by SAX, and reports a broken one. */
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <stdio.h>
#include <string.h>

static const char document[] =
    "<?xml version='1.0'?><shop xmlns:x='urn:x'><item n='1' price='3'>apple</item><item n='2' price='5'>p&#233;ar</item>"
    "<x:item n='3' price='8'>&lt;plum&gt;</x:item><!-- note --></shop>";

static void start(void *depth, const xmlChar *name, const xmlChar **attributes) {
    printf("%*s<%s", 2 * (*(int *)depth)++, "", name);
    for (; attributes && *attributes; attributes += 2) printf(" %s=%s", attributes[0], attributes[1]);
    puts(">");
}

static void end(void *depth, const xmlChar *name) { printf("%*s</%s>\n", 2 * --*(int *)depth, "", name); }

static void silent(void *context, const char *message, ...) { (void)context, (void)message; }

int main(void) {
    LIBXML_TEST_VERSION
    xmlDocPtr tree = xmlReadMemory(document, (int)strlen(document), "shop.xml", NULL, 0);
    if (!tree) return 1;
    xmlXPathContextPtr context = xmlXPathNewContext(tree);
    xmlXPathRegisterNs(context, BAD_CAST "x", BAD_CAST "urn:x");
    const char *queries[] = {"sum(//@price)", "count(//item)", "string(//x:item)", "//item[@price>4]/@n", "name(/*)"};
    for (unsigned i = 0; i < sizeof queries / sizeof *queries; i++) {
        xmlXPathObjectPtr result = xmlXPathEvalExpression(BAD_CAST queries[i], context);
        xmlChar *text = xmlXPathCastToString(result);
        printf("%s = %s\n", queries[i], text);
        xmlFree(text);
        xmlXPathFreeObject(result);
    }
    xmlNewTextChild(xmlDocGetRootElement(tree), NULL, BAD_CAST "item", BAD_CAST "cherry & co");
    xmlChar *out;
    int size;
    xmlDocDumpFormatMemoryEnc(tree, &out, &size, "UTF-8", 1);
    printf("%d bytes\n%s", size, out);
    xmlFree(out);
    xmlXPathFreeContext(context);
    xmlFreeDoc(tree);

    xmlSAXHandler handler = {.startElement = start, .endElement = end};
    int depth = 0;
    printf("sax: %d\n", xmlSAXUserParseMemory(&handler, &depth, document, (int)strlen(document)));

    xmlSetGenericErrorFunc(NULL, silent);
    const char broken[] = "<a><b></a>";
    xmlDocPtr none = xmlReadMemory(broken, (int)strlen(broken), "broken.xml", NULL, 0);
    const xmlError *error = xmlGetLastError();
    printf("broken: %s, line %d: %s", none ? "accepted" : "refused", error->line, error->message);
    xmlCleanupParser();
    return 0;
}
